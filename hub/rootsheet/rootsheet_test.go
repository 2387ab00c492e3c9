package rootsheet_test

import (
	"bytes"
	"crypto/ed25519"
	"encoding/hex"
	"errors"
	"fmt"
	"image"
	"image/draw"
	"image/png"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/lamppost-hub/lamppost/hub/returncode"
	"github.com/lamppost-hub/lamppost/hub/rootsheet"
	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/roster"
)

const known = "lantern kettle candle harbor evergreen backlit abacus zoom scrubber unrivaled"

func parse(t testing.TB, text string) rootsheet.Secret {
	t.Helper()
	s, err := rootsheet.Parse(text)
	if err != nil {
		t.Fatalf("%q: %v", text, err)
	}
	return s
}

// Sheets lie in drawers. A change that fails here makes waste paper of them.
func TestTheSameWordsAreTheSameRootForEver(t *testing.T) {
	// Made with the reference argon2 (-id -t 2 -k 19456 -p 1 -l 32) and OpenSSL.
	key := parse(t, known).Key()
	if got := hex.EncodeToString(key.Seed()); got != "ff37d92730fca5708da054909f30338d5551fd6ffcb8853ed3c4f6d70e3caeed" {
		t.Errorf("the seed is %s", got)
	}
	root := record.AuthorOf(key)
	if root.String() != "4e1baa2740a964569194acbe07025a0a6b7990c0292d591a9dde02cd9a55e674" || rootsheet.Check(root) != "4e1b-aa27" {
		t.Errorf("the key is %s, its check %s", root, rootsheet.Check(root))
	}
}

func TestWordsAreReadAsTheyAreTyped(t *testing.T) {
	want := parse(t, known)
	for _, text := range []string{
		strings.ToUpper(known),
		strings.ReplaceAll(known, " ", "\n"),
		"1. lantern 2. kettle 3. candle 4. harbor 5. evergreen 6. backlit 7. abacus 8. zoom 9. scrubber 10. unrivaled",
		"lantern, kettle, candle, harbor, ever green, back lit, abacus, zoom, scrubber, unrivaled",
	} {
		if parse(t, text) != want {
			t.Errorf("%q is another sheet", text)
		}
	}
	_, err := rootsheet.Parse(strings.Replace(known, "candle", "candel", 1))
	if err == nil || !strings.Contains(err.Error(), "Word 3, “candel”, is not on the list of words. Is it “cancel” or “candle”? Compare each word with what is on the paper.") {
		t.Error(err)
	}
	if _, err := rootsheet.Parse("lantern kettle"); err == nil || !strings.Contains(err.Error(), "There must be 10 words, in their order. You entered 2.") {
		t.Error(err)
	}
}

func TestASecretDoesNotPrint(t *testing.T) {
	s := parse(t, known)
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "sheet", s, "any", struct{ S any }{&s})
	for _, text := range []string{fmt.Sprint(s), fmt.Sprintf("%v %+v %#v %s %q", s, s, s, s, s), log.String()} {
		if strings.Contains(text, "kettle") {
			t.Errorf("printed: %s", text)
		}
	}
}

func TestNoWordsHaveNoKey(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Fatal("there is a key of no words")
		}
	}()
	rootsheet.Secret{}.Key()
}

func TestSheetsAreReadBackFromPaper(t *testing.T) {
	sheets, keys := rootsheet.Draw("Millbrook & <Town>", 3, 2)
	for i, s := range sheets {
		if !bytes.Equal(s.Secret.Key(), keys[i]) || s.Root != record.AuthorOf(keys[i]) {
			t.Errorf("sheet %d is of another key", i+1)
		}
		text, err := s.Text(false)
		if err != nil {
			t.Fatal(err)
		}
		var numbered []string
		for i, w := range s.Secret.Words() {
			numbered = append(numbered, fmt.Sprintf("%d. %s", i+1, w))
		}
		for _, want := range append(numbered, fmt.Sprintf("Root sheet %d of 3", i+1), "Any 2 of the 3 sheets", s.Check(), "Millbrook & <Town>") {
			if !strings.Contains(text, want) {
				t.Errorf("sheet %d does not say %q:\n%s", i+1, want, text)
			}
		}
		for line := range strings.Lines(text) {
			if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); n > 80 {
				t.Errorf("a line of %d characters: %s", n, line)
			}
		}
	}
	html, err := rootsheet.HTML(sheets)
	if err != nil {
		t.Fatal(err)
	}
	page := string(html)
	if n := strings.Count(page, "<section>"); n != 3 || !strings.Contains(page, "Millbrook &amp; &lt;Town&gt;") {
		t.Errorf("%d leaves", n)
	}
	for _, bad := range []string{"<script", "http://", "https://", "ZgotmplZ", "src=", "href="} {
		if strings.Contains(strings.ReplaceAll(page, `xmlns="http://www.w3.org/2000/svg"`, ""), bad) {
			t.Errorf("the page holds %q", bad)
		}
	}
	for _, s := range sheets {
		for _, w := range s.Secret.Words() {
			if !strings.Contains(page, "<li>"+w+"</li>") {
				t.Errorf("the page lacks the word %q", w)
			}
		}
	}
	one, _ := rootsheet.Draw("Millbrook", 1, 1)
	if text, err := one[0].Text(true); err != nil || !strings.Contains(text, "It is the only one.") || !strings.Contains(text, "\x1b[") {
		t.Errorf("%v\n%s", err, text)
	}
}

// What a scanner makes of a printed sheet is what Parse reads.
func TestAScannerReadsThePrintedCode(t *testing.T) {
	zbar, err := exec.LookPath("zbarimg")
	if err != nil && os.Getenv("CI") != "true" {
		t.Skip("zbarimg is not installed (Debian's package is zbar-tools)")
	} else if err != nil {
		t.Fatal(err)
	}
	sheets, _ := rootsheet.Draw("Millbrook", 1, 1)
	text, err := sheets[0].Text(false)
	if err != nil {
		t.Fatal(err)
	}
	_, code, _ := strings.Cut(text, "nobody can ever change who runs it.\n")
	code, _, _ = strings.Cut(code, "\nKept by")
	const dot = 6
	img := image.NewGray(image.Rect(0, 0, 80*dot, 80*dot))
	draw.Draw(img, img.Bounds(), image.White, image.Point{}, draw.Src)
	y := 0
	for row := range strings.Lines(code) {
		x := 0
		for _, r := range row {
			upper, lower := image.Rect(x, y, x+dot, y+dot), image.Rect(x, y+dot, x+dot, y+2*dot)
			if strings.ContainsRune("█▀", r) {
				draw.Draw(img, upper, image.Black, image.Point{}, draw.Src)
			}
			if strings.ContainsRune("█▄", r) {
				draw.Draw(img, lower, image.Black, image.Point{}, draw.Src)
			}
			x += dot
		}
		y += 2 * dot
	}
	file, err := os.Create(filepath.Join(t.TempDir(), "sheet.png"))
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(png.Encode(file, img), file.Close()); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), zbar, "--raw", "-q", file.Name()).Output()
	if err != nil || parse(t, string(out)) != sheets[0].Secret {
		t.Errorf("%v: read %q", err, out)
	}
}

func TestEnoughSheetsMakeAnAct(t *testing.T) {
	sheets, keys := rootsheet.Draw("Millbrook", 3, 2)
	var roots []record.Author
	for _, k := range keys {
		roots = append(roots, record.AuthorOf(k))
	}
	f := roster.Founding{Name: "Millbrook", Roots: roots, Threshold: 2, Time: record.At(time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC))}
	codec, err := record.NewCodec(f.Community(), f.Time)
	if err != nil {
		t.Fatal(err)
	}
	hub := record.AuthorOf(ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, 32)))
	statement, err := roster.Certificate{Kind: roster.Hub, Subject: hub, Label: "Library"}.Record(f.Time+1, record.Via{})
	if err != nil {
		t.Fatal(err)
	}
	hand := rootsheet.NewHand(roots, 2)
	take := func(text, want string) {
		t.Helper()
		which, err := hand.Take(text)
		if err != nil {
			which = err.Error()
		}
		if !strings.Contains(which, want) {
			t.Errorf("%q, want %q", which, want)
		}
	}
	take(known, "together they are no root sheet of this community. Compare every word")
	if _, err := hand.Sign(codec, statement); err == nil || hand.Missing() != 2 {
		t.Errorf("signed with %d missing", hand.Missing())
	}
	take(sheets[2].Secret.Text(), "sheet 3 of 3, check "+sheets[2].Check())
	if _, err := hand.Take(strings.ToUpper(sheets[2].Secret.Text())); !errors.Is(err, rootsheet.ErrTwice) {
		t.Error(err)
	}
	w := sheets[0].Secret.Words()
	w[3], w[4] = w[4], w[3]
	take(strings.Join(w[:], " "), fmt.Sprintf("Have words 4 and 5, “%s” and “%s”, changed places?", w[3], w[4]))
	if hand.Missing() != 1 {
		t.Errorf("%d missing", hand.Missing())
	}
	take(sheets[0].Secret.Text(), "sheet 1 of 3")
	signed, err := hand.Sign(codec, statement)
	if err != nil || len(signed) != 2 {
		t.Fatalf("%d records: %v", len(signed), err)
	}
	for _, err := range record.VerifyBatch(signed) {
		if err != nil {
			t.Error(err)
		}
	}
	if c, ok := roster.Compute(f, signed).Hub(hub); !ok || c.Label != "Library" {
		t.Errorf("the act does not hold: %+v", c)
	}
	if _, ok := roster.Compute(f, signed[:1]).Hub(hub); ok {
		t.Error("one sheet is enough")
	}
	for _, secret := range sheets[0].Secret.Words() {
		if strings.Contains(fmt.Sprint(hand), secret) {
			t.Errorf("printed: %v", hand)
		}
	}
}

func TestOneWrongWordIsFound(t *testing.T) {
	right := "lantern kettle candle harbor evergreen backlit abacus zoom scrubber cable"
	hand := rootsheet.NewHand([]record.Author{record.AuthorOf(parse(t, right).Key())}, 1)
	_, err := hand.Take(strings.Replace(right, "cable", "fable", 1))
	if err == nil || !strings.HasSuffix(err.Error(), "Is word 10 “cable”, not “fable”?") {
		t.Error(err)
	}
}

// A key of one domain is none of another.
func TestARootIsNoResident(t *testing.T) {
	code, err := returncode.Parse("lantern kettle candle harbor evergreen backlit")
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Equal(parse(t, known).Key(), returncode.Key(code, record.Community([]byte("lamppost root sh")))) {
		t.Error("one key")
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"", known, "1. t-shirt 10. yo yo", "ketle", "İıﬁ①\u200b–", "\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s, err := rootsheet.Parse(text)
		if err != nil {
			if len(err.Error()) > 1000 || !s.IsZero() {
				t.Fatalf("%q: %v", text, err)
			}
			return
		}
		if again, err := rootsheet.Parse(s.Text()); err != nil || again != s {
			t.Fatalf("%q reads as %q, and that as another (%v)", text, s.Text(), err)
		}
	})
}
