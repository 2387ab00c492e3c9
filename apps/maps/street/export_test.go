package street

// MistakesBetween is how many letters of two texts differ.
func MistakesBetween(a, b string, most int) int { return mistakesBetween(a, b, most) }
