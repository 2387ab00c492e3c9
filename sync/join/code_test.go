package join_test

import (
	"bytes"
	"errors"
	"net/netip"
	"strings"
	"testing"

	"github.com/lamppost-hub/lamppost/sync/join"
	"github.com/lamppost-hub/lamppost/sync/record"
	"pgregory.net/rapid"
)

const crockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// codes is one of every kind.
func codes(t *rapid.T) join.Code {
	c := join.Code{
		Town:   rapid.Byte().Draw(t, "town"),
		Secret: rapid.Uint64Range(0, 1<<50-1).Draw(t, "secret"),
	}
	port := rapid.SampledFrom([]uint16{4680, 1, 12345, 65535}).Draw(t, "port")
	switch rapid.IntRange(0, 2).Draw(t, "kind") {
	case 0:
		four := rapid.SliceOfN(rapid.Byte(), 4, 4).Draw(t, "v4")
		four[0] = max(1, four[0]%224) // not 0.0.0.0, not multicast
		c.Addr = netip.AddrPortFrom(netip.AddrFrom4([4]byte(four)), port)
	case 1:
		six := rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "v6")
		six[0] = 0xfd
		c.Addr = netip.AddrPortFrom(netip.AddrFrom16([16]byte(six)), port)
	}
	return c
}

func TestACodeIsReadAsItIsTyped(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := codes(t)
		s := c.String()
		for _, as := range []string{
			s, strings.ToLower(s), strings.ReplaceAll(s, "-", ""), strings.ReplaceAll(s, "-", " "), " " + s + "\n",
			strings.ReplaceAll(s, "-", "\u2011"), strings.ReplaceAll(s, "0", "o"), strings.ReplaceAll(s, "1", "l"), strings.ReplaceAll(s, "1", "I"),
		} {
			if got, err := join.Parse(as); err != nil || got != c {
				t.Fatalf("%q is %+v, %v; want %+v", as, got, err, c)
			}
		}
	})
}

func TestCodesAreAsShortAsTheyCanBe(t *testing.T) {
	for addr, chars := range map[string]int{
		"192.168.1.7:4680": 20, "192.168.1.7:4681": 24, "[fd00::1]:4680": 40, "[fd00::1]:80": 44, "": 16,
		"[::ffff:192.168.1.7]:4680": 20,
	} {
		var ap netip.AddrPort
		if addr != "" {
			ap = netip.MustParseAddrPort(addr)
		}
		c, err := join.NewCode(ap, record.Community{7}, bytes.NewReader([]byte("12345678")))
		if err != nil {
			t.Fatal(err)
		}
		if got := len(strings.ReplaceAll(c.String(), "-", "")); got != chars || len(c.Groups()) != chars/4 || c.Town != 7 {
			t.Errorf("%s: %s has %d characters, want %d", addr, c, got, chars)
		}
	}
}

// A code made once reads the same for ever.
func TestTheFormDoesNotChange(t *testing.T) {
	for addr, want := range map[string]string{
		"192.168.1.7:4680": "30AG-087E-Y6HB-7H6N-WVR7", "192.168.1.7:81": "70AG-0870-18QF-38NK-RKAY-DWK5",
		"[fd00:1::7]:4680": "BYG0-0010-0000-0000-0000-0000-03QF-38NK-RKAY-DX51", "": "HVRT-5CY4-TQKF-9JZX",
	} {
		c := join.Code{Town: 0x77, Secret: 0x2_3456_789a_bcde}
		if addr != "" {
			c.Addr = netip.MustParseAddrPort(addr)
		}
		if c.String() != want {
			t.Errorf("%s is %s, want %s", addr, c, want)
		}
	}
}

// every is a code of each kind.
func every() []join.Code {
	var cs []join.Code
	for _, addr := range []string{"10.0.0.7:4680", "192.168.178.31:4711", "[fd12:3456::9]:4680", "[2001:db8::1]:8080"} {
		cs = append(cs, join.Code{Addr: netip.MustParseAddrPort(addr), Town: 0xa5, Secret: 0x1_2345_6789_abcd})
	}
	return append(cs, join.Code{Town: 3, Secret: 1}, join.Code{Town: 0xff, Secret: 1<<50 - 1})
}

// What the check finds: all of what people do wrong when they read out and write
// down.
func TestEveryCommonMistakeIsFound(t *testing.T) {
	found := func(right, wrong string) {
		t.Helper()
		if wrong == right {
			return
		}
		if c, err := join.Parse(wrong); err == nil {
			t.Errorf("%s taken for %s: %+v", wrong, right, c)
		}
	}
	for _, c := range every() {
		s := strings.ReplaceAll(c.String(), "-", "")
		for i := range s {
			found(s, s[:i]+s[i+1:]) // left out
			for _, r := range crockford {
				found(s, s[:i]+string(r)+s[i+1:])   // one wrong
				found(s, s[:i]+string(r)+s[i:])     // one too many
				if i+1 < len(s) && s[i] == s[i+1] { // a pair heard as another
					found(s, s[:i]+string(r)+string(r)+s[i+2:])
				}
			}
			for j := i + 1; j < len(s); j++ { // changed places, wherever
				b := []byte(s)
				b[i], b[j] = b[j], b[i]
				found(s, string(b))
			}
		}
	}
}

func TestAMistypedCodeSaysWhatToLookAt(t *testing.T) {
	s := every()[0].String()
	for wrong, says := range map[string]string{
		"":                       "0 characters",
		s[:len(s)-1]:             "19 characters and should have 16, 20",
		s + "-0000":              "should have 20 characters, and it has 24",
		s[:5] + "1" + s[6:]:      "one of the characters is wrong, or two groups are swapped. Check them group by group: ",
		s[:5] + "u" + s[6:]:      "no U in such a code; it may be a V",
		s[:5] + "ß" + s[6:]:      `'ß' does not occur`,
		"Z" + s[1:]:              "newer Lamppost",
		strings.Repeat("7", 99):  "99 characters",
		strings.Repeat(" ", 999): "much too long",
	} {
		_, err := join.Parse(wrong)
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %v, want %q", wrong, err, says)
		}
		if !errors.Is(err, join.ErrTyped) && !errors.Is(err, join.ErrNewer) {
			t.Errorf("%q: %v is of no kind", wrong, err)
		}
	}
}

func TestAddressesThatHoldAtOneHubOnlyAreNotTold(t *testing.T) {
	for _, a := range []string{"0.0.0.0:4680", "[fe80::1]:4680", "[fe80::1%eth0]:4680", "224.0.0.1:4680", "10.0.0.1:0", "[::]:1"} {
		if c, err := join.NewCode(netip.MustParseAddrPort(a), record.Community{}, bytes.NewReader(make([]byte, 8))); err == nil {
			t.Errorf("%s: %s", a, c)
		}
	}
}

func TestSpelling(t *testing.T) {
	if got := join.Spell("7K0X"); got != "seven Kilo zero X-ray" {
		t.Error(got)
	}
}

func FuzzParse(f *testing.F) {
	for _, c := range every() {
		f.Add(c.String())
	}
	f.Add("oOiIlL-\u2013 \u00a0")
	f.Fuzz(func(t *testing.T, s string) {
		c, err := join.Parse(s)
		if err != nil {
			return
		}
		again, err := join.Parse(c.String())
		if err != nil || again != c {
			t.Errorf("%q is %+v, which is written %s and read as %+v, %v", s, c, c, again, err)
		}
	})
}
