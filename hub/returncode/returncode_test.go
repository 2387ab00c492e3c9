package returncode_test

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/hub/returncode"
	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/sethvargo/go-diceware/diceware"
	"pgregory.net/rapid"
)

func parse(t testing.TB, text string) returncode.Code {
	t.Helper()
	c, err := returncode.Parse(text)
	if err != nil {
		t.Fatalf("%q: %v", text, err)
	}
	return c
}

// These people exist. A change that fails here would make others of them.
func TestTheSameWordsAreTheSameKeyForEver(t *testing.T) {
	// Made with the reference argon2 (-id -t 2 -k 19456 -p 1 -l 32) and OpenSSL.
	for _, v := range []struct{ words, community, seed, author string }{
		{
			"abacus zoom unrivaled scrubber t-shirt yoyo", "community-test-1",
			"a9560cb96bff0c12ac1d363925665b26d1897268380017b9b3feae26ba05ba04",
			"a849511097719f5485c732ffec8e98dfb06f1a3080f08a06a8398c4e8aa588fe",
		},
		{
			"lantern kettle candle harbor evergreen backlit", "community-test-2",
			"d929162df8d318434b81be8298ea615595380c0cd9160cccc64f7e9f1ed9a848",
			"118e91d7a571cad2463b48725e27157c3c430c2bd3589e4fb845481c437f640a",
		},
	} {
		k := returncode.Key(parse(t, v.words), record.Community([]byte(v.community)))
		if got := hex.EncodeToString(k.Seed()); got != v.seed {
			t.Errorf("seed of %q is %s, want %s", v.words, got, v.seed)
		}
		if got := record.AuthorOf(k).String(); got != v.author {
			t.Errorf("key of %q is %s, want %s", v.words, got, v.author)
		}
	}
}

func TestAnotherCommunityIsAnotherPerson(t *testing.T) {
	c := returncode.New(nil)
	if bytes.Equal(returncode.Key(c, record.Community{1}), returncode.Key(c, record.Community{2})) {
		t.Fatal("one key in two communities")
	}
}

func TestNoCodeHasNoKey(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Fatal("there is a key of no code")
		}
	}()
	returncode.Key(returncode.Code{}, record.Community{1})
}

func TestANewCodeReadsBack(t *testing.T) {
	seen := map[returncode.Code]bool{}
	for range 200 {
		c := returncode.New(nil)
		if c.IsZero() || seen[c] {
			t.Fatalf("code %q again", c.Text())
		}
		seen[c] = true
		if got := parse(t, c.Text()); got != c {
			t.Fatalf("%q reads back as %q", c.Text(), got.Text())
		}
		if got := strings.Join(strings.Fields(c.Text()), " "); got != c.Text() || len(c.Words()) != 6 {
			t.Fatalf("text %q of words %q", c.Text(), c.Words())
		}
	}
}

func TestNewDrawsEvenlyFromWordsThatAreWrittenInOneWay(t *testing.T) {
	source := rand.NewChaCha8([32]byte{1})
	count := map[string]int{}
	const codes = 100_000
	for range codes {
		for _, w := range returncode.New(source).Words() {
			count[w]++
		}
	}
	for _, w := range []string{"yo-yo", "yoyo", "drop-down", "felt-tip", "t-shirt"} {
		if count[w] > 0 {
			t.Errorf("%q was drawn", w)
		}
	}
	const listed = 7776 - 5
	if len(count) != listed {
		t.Errorf("%d words were drawn, want %d", len(count), listed)
	}
	// Chi squared with 7770 degrees of freedom is 7770 ± 125; a draw that only
	// takes the remainder of two bytes is at 8700.
	mean, chi := float64(codes*6)/listed, 0.0
	for _, n := range count {
		chi += (float64(n) - mean) * (float64(n) - mean) / mean
	}
	if chi > 7770+5*125 {
		t.Errorf("chi squared is %.0f", chi)
	}
}

func TestNewTakesNoNumberThatFavorsAWord(t *testing.T) {
	// 62168 is the largest multiple of 7771 in two bytes.
	numbers := func(first ...uint16) *bytes.Reader {
		var b []byte
		for _, n := range append(first, 0, 0, 0, 0, 0) {
			b = binary.BigEndian.AppendUint16(b, n)
		}
		return bytes.NewReader(b)
	}
	skipped, plain := returncode.New(numbers(62168, 65535, 7)), returncode.New(numbers(7))
	if skipped != plain {
		t.Fatalf("%q, want %q", skipped.Text(), plain.Text())
	}
	if last := returncode.New(numbers(62167)); last.Words()[0] != "zoom" {
		t.Fatalf("the last word is %q", last.Words()[0])
	}
	if first := returncode.New(numbers(62167 - 7770)); first.Words()[0] != "abacus" {
		t.Fatalf("the first word is %q", first.Words()[0])
	}
}

func TestNewPanicsWithoutRandomNumbers(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Fatal("a code was made of nothing")
		}
	}()
	returncode.New(bytes.NewReader([]byte{1, 2, 3}))
}

func TestParseReadsWhatPeopleType(t *testing.T) {
	want := parse(t, "lantern kettle candle harbor evergreen backlit")
	for _, text := range []string{
		"  lantern   kettle\tcandle\nharbor\r\nevergreen  backlit \n",
		"Lantern KETTLE cAnDle Harbor Evergreen Backlit",
		"lantern, kettle, candle, harbor, evergreen, backlit.",
		"lantern-kettle-candle-harbor-evergreen-backlit",
		"lantern–kettle — candle‑harbor−evergreen_backlit",
		"1. lantern 2. kettle 3. candle 4. harbor 5. evergreen 6. backlit",
		"1) lantern\n2) kettle\n3) candle\n4) harbor\n5) evergreen\n6) backlit\n",
		"① lantern ② kettle ③ candle ④ harbor ⑤ evergreen ⑥ backlit",
		"(1)lantern/(2)kettle/(3)candle/(4)harbor/(5)evergreen/(6)backlit",
		"“lantern kettle candle harbor evergreen backlit”",
		"ｌａｎｔｅｒｎ ｋｅｔｔｌｅ　ｃａｎｄｌｅ ｈａｒｂｏｒ ｅｖｅｒｇｒｅｅｎ ｂａｃｋｌｉｔ",
		"lan\u00adtern ket\u200btle \ufeffcandle harbor evergreen backlit",
		"lantern kettle candle harbor evergreen backl\u0131t",  // Turkish ı
		"lantern kettle candle harbor evergreen BACKL\u0130T",  // Turkish İ
		"lantern kettle candle harbor evergreen backli\u0307t", // that in lower case by a browser
		"l\u00ada\u00adn\u00adtern kettle candle harbor evergreen backlit",
		"lantern kettle candle harbor ever green back lit",
	} {
		if got := parse(t, text); got != want {
			t.Errorf("%q reads as %q", text, got.Text())
		}
	}
}

func TestParseReadsWordsWithAHyphenInEveryWay(t *testing.T) {
	want := parse(t, "drop-down felt-tip t-shirt yo-yo yoyo down")
	for _, text := range []string{
		"drop down felt tip t shirt yo yo yoyo down",
		"drop-down-felt-tip-t-shirt-yo-yo-yoyo-down",
		"dropdown felttip tshirt yo-yo yoyo down",
		"Drop‑Down, Felt-Tip, T-Shirt, Yo Yo, YoYo, Down",
		"1. drop-\ndown 2. felt-\ntip 3. t-shirt 4. yo-yo 5. yoyo 6. down",
	} {
		if got := parse(t, text); got != want {
			t.Errorf("%q reads as %q", text, got.Text())
		}
	}
	// "shirt" is a word of its own, and so is "down".
	if got := parse(t, "shirt down shirt down shirt down"); got.Words()[0] != "shirt" || got.Words()[1] != "down" {
		t.Errorf("reads as %q", got.Text())
	}
}

func TestEveryWordOfTheListIsRead(t *testing.T) {
	dice := diceware.WordListEffLarge()
	var list []string
	for i := 11111; i <= 66666; i++ {
		if w := dice.WordAt(i); w != "" {
			list = append(list, w)
		}
	}
	if len(list) != 7776 {
		t.Fatalf("the list has %d words", len(list))
	}
	for len(list)%6 != 0 {
		list = append(list, "zoom")
	}
	for i := 0; i < len(list); i += 6 {
		words := list[i : i+6]
		for _, sep := range []string{" ", "-", "\n"} {
			if got := parse(t, strings.Join(words, sep)); got.Text() != strings.Join(words, " ") {
				t.Errorf("%q reads as %q", words, got.Text())
			}
		}
	}
}

func TestParseSaysWhatIsWrong(t *testing.T) {
	for _, c := range []struct {
		text string
		want []string
		not  string
	}{
		{"", []string{"Enter the 6 words"}, ""},
		{" \n, 1. 2. ", []string{"Enter the 6 words"}, ""},
		{"lantern kettle candle harbor evergreen", []string{"6 words", "You entered 5"}, "list"},
		{"lantern kettle candle harbor evergreen backlit zoom", []string{"You entered 7"}, "list"},
		{"lantern ketle candle harbor evergreen backlit", []string{"Word 2, “ketle”", "not on the list", "“kettle”"}, "You entered"},
		{"lantern kettel candle harbor evergreen backlit", []string{"“kettel”", "“kettle”"}, ""},
		{"lantern kett1e candle harbor evergreen backlit", []string{"“kett1e”", "“kettle”"}, ""},
		{"lantern kettle candle harbor evergreen t-shrit", []string{"“shrit”"}, ""},
		{"lantern kettle candle harbor evergreen qqqqqqqq", []string{"Word 6, “qqqqqqqq”"}, "Is it"},
		{"lantern kettle candle harbor evergreen bot", []string{"Word 6, “bot”"}, "Is it"}, // too many are near
		{"ketle candel harbr evergren", []string{"Word 1", "Word 2", "Word 3", "1 more", "You entered 4"}, "evergren"},
		{"фонарь kettle candle harbor evergreen backlit", []string{"Word 1, “фонарь”"}, "Is it"},
		{"lantern kettle candle harbor evergreen 66666", []string{"“66666”"}, ""},
		{strings.Repeat("x", 300), []string{"“" + strings.Repeat("x", 30) + "…”"}, strings.Repeat("x", 31)},
		{strings.Repeat("lantern ", 63), []string{"too much"}, ""},
		{"lantern kettle candle harbor evergreen \xff", []string{"not text"}, ""},
	} {
		got, err := returncode.Parse(c.text)
		var e *hub.Error
		if !errors.As(err, &e) || e.Code != hub.Invalid || e.Field != "code" || !got.IsZero() {
			t.Errorf("%q: %v, %#v", c.text, got.Text(), err)
			continue
		}
		for _, w := range c.want {
			if !strings.Contains(e.Error(), w) {
				t.Errorf("%q: %q says nothing of %q", c.text, e.Error(), w)
			}
		}
		if c.not != "" && strings.Contains(e.Error(), c.not) {
			t.Errorf("%q: %q says %q", c.text, e.Error(), c.not)
		}
	}
}

func TestOneTypingMistakeIsNamed(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := returncode.New(rand.NewChaCha8([32]byte{byte(rapid.IntRange(0, 255).Draw(t, "seed")), 7}))
		words := c.Words()
		at := rapid.IntRange(0, 5).Draw(t, "at")
		w := []rune(words[at])
		i := rapid.IntRange(0, len(w)-1).Draw(t, "letter")
		w[i] = rapid.RuneFrom([]rune("abcdefghijklmnopqrstuvwxyz")).Draw(t, "typed")
		words[at] = string(w)
		got, err := returncode.Parse(strings.Join(words[:], " "))
		switch {
		case err == nil: // another word of the list, or the same
			if got.Words() != words {
				t.Fatalf("%q reads as %q", words, got.Text())
			}
		case !strings.Contains(err.Error(), fmt.Sprintf("Word %d, “%s”", at+1, string(w))):
			t.Fatalf("%q: %v", words, err)
		}
	})
}

func TestACodeDoesNotPrint(t *testing.T) {
	c := parse(t, "lantern kettle candle harbor evergreen backlit")
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "code", c, "any", struct{ C any }{&c})
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "code", c)
	for _, s := range []string{fmt.Sprint(c), fmt.Sprintf("%v %+v %#v %s %q", c, c, c, c, c), fmt.Sprintf("%+v", struct{ C returncode.Code }{c}), log.String()} {
		if strings.Contains(s, "kettle") {
			t.Errorf("printed: %s", s)
		}
	}
}

func BenchmarkParseOfWrongWords(b *testing.B) {
	for b.Loop() {
		_, _ = returncode.Parse("lantrn kettel candlee harbor evergreen backlit")
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"", "lantern kettle candle harbor evergreen backlit", "1. t-shirt 2. yo yo", "ketle", "İıﬁ①\u200b–", "\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		c, err := returncode.Parse(s)
		if err != nil {
			var e *hub.Error
			if !errors.As(err, &e) || e.Field != returncode.Field || len(e.Error()) > 1000 || !c.IsZero() {
				t.Fatalf("%q: %v", s, err)
			}
			return
		}
		if again, err := returncode.Parse(c.Text()); err != nil || again != c {
			t.Fatalf("%q reads as %q, and that as %q (%v)", s, c.Text(), again.Text(), err)
		}
	})
}
