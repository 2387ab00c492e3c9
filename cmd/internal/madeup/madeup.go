// Package madeup is a town that there is not, for showing what hubs do: its streets, its
// shelters, its notices and what its neighbors say. It lies in the middle of an ocean, so
// that nobody takes a place of it for a real one.
package madeup

// Town is what the town is called.
const Town = "Lanternmouth"
