package netnstest

import (
	"bytes"
	"context"
	"embed"
	"slices"
)

// rules are what can be loaded by name.
//
//go:embed rules/*.nft
var rules embed.FS

// Rules loads one of the files in rules/ into a namespace. Each says what it
// does and which words it takes, as "dev=eth0".
func (s Space) Rules(ctx context.Context, name string, words ...string) error {
	text, err := rules.ReadFile("rules/" + name + ".nft")
	if err != nil {
		return err
	}
	var args []string
	for _, w := range words {
		args = append(args, "--define", w)
	}
	cmd := s.Command(ctx, "nft", slices.Concat(args, []string{"--file", "-"})...)
	cmd.Stdin = bytes.NewReader(text)
	return ran(cmd)
}

// NoRules removes all that Rules loaded.
func (s Space) NoRules(ctx context.Context) error { return s.in(ctx, "nft", "flush", "ruleset") }
