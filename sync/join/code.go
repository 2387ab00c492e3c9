package join

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"strings"
	"unicode"

	"github.com/lamppost-hub/lamppost/sync/record"
)

// DefaultPort is the port of other hubs that a code need not say.
const DefaultPort = 4680

// Code is what the people of one hub tell those of a new one: where to ask, and
// the secret that shows that they were asked. Written out it is Crockford's
// base32 in groups of four, the first bits first:
//
//	 3 bits  kind: which of the following there are; 5 to 7 are a later version's
//	32 or 128  IPv4 or IPv6 address
//	16 bits  port, where it is not DefaultPort
//	 8 bits  the first of the community's id
//	50 bits  secret
//	7 to 19  check, up to the end of the last group
//
// That is 20 characters for an IPv4 address with the default port, 24 with
// another, 16 without an address, and 40 or 44 with an IPv6 address.
//
// The check is a cyclic one by a primitive polynomial. An error is missed only if
// it is a multiple of that. One wrong character is not (fewer bits in a row than
// the check has), nor are any two characters that changed places, wherever they
// stand, nor a pair such as 33 heard as 55 (they are a pattern of fewer than 5
// bits times x^5n+1, whose factors are not the polynomial's); of anything else
// one in 128 is missed, and then no hub knows the secret.
type Code struct {
	Addr   netip.AddrPort // of the inviter; zero if the code has none
	Town   byte           // the first of the community's id
	Secret uint64         // 50 bits
}

const (
	secretBits = 50
	townBits   = 8
	kindBits   = 3
	charBits   = 5
	groupChars = 4
)

// kind says what a code consists of.
type kind struct {
	addrBits, portBits int
	chars              int
	check              uint32 // polynomial, the highest term included
}

// kinds is by their number. The check polynomials are primitive, of degree 7, 11,
// 11, 15 and 19 (for instance Peterson and Weldon, Error-Correcting Codes,
// appendix C).
var kinds = [...]kind{
	{32, 0, 20, 1<<7 | 1<<3 | 1},
	{32, 16, 24, 1<<11 | 1<<2 | 1},
	{128, 0, 40, 1<<11 | 1<<2 | 1},
	{128, 16, 44, 1<<15 | 1<<1 | 1},
	{0, 0, 16, 1<<19 | 1<<5 | 1<<2 | 1<<1 | 1},
}

func (k kind) checkBits() int {
	return k.chars*charBits - kindBits - k.addrBits - k.portBits - townBits - secretBits
}

// Why text is not a code. Match with errors.Is; what they say is for the person
// who typed it.
var (
	ErrTyped = errors.New("the code is not right")
	ErrNewer = errors.New("the code was made by a newer Lamppost than this one; install the same version here as at the hub that made it")
)

func typed(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrTyped, fmt.Sprintf(format, args...))
}

// NewCode makes a code with a new secret. The address may be zero.
func NewCode(addr netip.AddrPort, community record.Community, random io.Reader) (Code, error) {
	var b [8]byte
	if _, err := io.ReadFull(random, b[:]); err != nil {
		return Code{}, fmt.Errorf("random numbers for the code: %w", err)
	}
	c := Code{
		Addr: netip.AddrPortFrom(addr.Addr().Unmap(), addr.Port()), Town: community[0],
		Secret: binary.BigEndian.Uint64(b[:]) >> (64 - secretBits),
	}
	if addr != (netip.AddrPort{}) && !dialable(c.Addr) {
		return Code{}, fmt.Errorf("%s cannot be told in a code: other hubs could not reach it", addr)
	}
	return c, nil
}

// dialable reports whether an address means the same machine at another hub. One
// of IPv6 that holds for one link only does not.
func dialable(a netip.AddrPort) bool {
	ip := a.Addr()
	return ip.IsValid() && a.Port() != 0 && ip.Zone() == "" && !ip.Is4In6() && !ip.IsUnspecified() && !ip.IsMulticast() &&
		!(ip.Is6() && ip.IsLinkLocalUnicast())
}

// number is the kind of the code's address.
func (c Code) number() int {
	switch {
	case !c.Addr.IsValid():
		return 4
	case c.Addr.Addr().Is4() && c.Addr.Port() == DefaultPort:
		return 0
	case c.Addr.Addr().Is4():
		return 1
	case c.Addr.Port() == DefaultPort:
		return 2
	}
	return 3
}

// alphabet is Crockford's base32: no I, L, O or U.
const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// String is the code in groups of four with hyphens.
func (c Code) String() string { return strings.Join(c.Groups(), "-") }

// Groups is the code's groups of four characters, in order.
func (c Code) Groups() []string {
	n := c.number()
	k := kinds[n]
	var b bits
	b.put(uint64(n), kindBits)
	for _, by := range c.Addr.Addr().AsSlice() {
		b.put(uint64(by), 8)
	}
	b.put(uint64(c.Addr.Port()), k.portBits)
	b.put(uint64(c.Town), townBits)
	b.put(c.Secret, secretBits)
	b.put(uint64(remainder(b, k)), k.checkBits())
	var groups []string
	for i := 0; i < k.chars; i += groupChars {
		var g [groupChars]byte
		for j := range g {
			g[j] = alphabet[b.take((i+j)*charBits, charBits)]
		}
		groups = append(groups, string(g[:]))
	}
	return groups
}

// Parse reads a code as people type it: in any case, with spaces, hyphens or
// neither, I and L for 1 and O for 0. Its errors say what to look at.
func Parse(s string) (Code, error) {
	b, err := characters(s)
	if err != nil {
		return Code{}, err
	}
	n, chars := 0, len(b)/charBits
	if chars > 0 {
		n = int(b.take(0, kindBits))
	}
	switch {
	case !anyKindHas(chars):
		return Code{}, typed("it has %d characters and should have 16, 20, 24, 40 or 44. Check that none is missing", chars)
	case n >= len(kinds):
		return Code{}, fmt.Errorf("%w. Or its first character is wrong: check it", ErrNewer)
	case kinds[n].chars != chars:
		return Code{}, typed("by its first character it should have %d characters, and it has %d. Check the first, and that none is missing", kinds[n].chars, chars)
	}
	k := kinds[n]
	data := len(b) - k.checkBits()
	if uint64(remainder(b[:data], k)) != b.take(data, k.checkBits()) {
		return Code{}, typed("one of the characters is wrong, or two groups are swapped. Check them group by group: %s", grouped(b))
	}
	c := Code{
		Town:   byte(b.take(data-secretBits-townBits, townBits)),
		Secret: b.take(data-secretBits, secretBits),
	}
	if k.addrBits > 0 {
		port := uint16(DefaultPort)
		if k.portBits > 0 {
			port = uint16(b.take(kindBits+k.addrBits, k.portBits))
		}
		c.Addr = netip.AddrPortFrom(b.addr(k), port)
		if !dialable(c.Addr) || c.number() != n {
			return Code{}, typed("it names an address that no hub has (%s)", c.Addr)
		}
	}
	return c, nil
}

func anyKindHas(chars int) bool {
	for _, k := range kinds {
		if k.chars == chars {
			return true
		}
	}
	return false
}

// maxTyped bounds what is looked at: the longest code, spaced out.
const maxTyped = 400

// characters is the bits of what was typed.
func characters(s string) (b bits, err error) {
	if len(s) > maxTyped {
		return nil, typed("it is much too long")
	}
	for _, r := range s {
		if unicode.IsSpace(r) || unicode.Is(unicode.Pd, r) {
			continue
		}
		switch r = unicode.ToUpper(r); r {
		case 'I', 'L':
			r = '1'
		case 'O':
			r = '0'
		}
		i := strings.IndexRune(alphabet, r)
		switch {
		case r == 'U':
			return nil, typed("there is no U in such a code; it may be a V")
		case i < 0:
			return nil, typed("%q does not occur in such a code, only digits and letters do", r)
		}
		b.put(uint64(i), charBits)
	}
	return b, nil
}

// grouped shows what was typed as it was understood.
func grouped(b bits) string {
	var s strings.Builder
	for i := 0; i*charBits < len(b); i++ {
		if i > 0 && i%groupChars == 0 {
			s.WriteByte('-')
		}
		s.WriteByte(alphabet[b.take(i*charBits, charBits)])
	}
	return s.String()
}

// bits is a row of bits, one in each byte.
type bits []byte

func (b *bits) put(v uint64, n int) {
	for i := n - 1; i >= 0; i-- {
		*b = append(*b, byte(v>>i&1))
	}
}

func (b bits) take(from, n int) (v uint64) {
	for _, bit := range b[from : from+n] {
		v = v<<1 | uint64(bit)
	}
	return v
}

func (b bits) addr(k kind) netip.Addr {
	raw := make([]byte, k.addrBits/8)
	for i := range raw {
		raw[i] = byte(b.take(kindBits+8*i, 8))
	}
	ip, _ := netip.AddrFromSlice(raw) // 4 or 16 bytes
	return ip
}

// remainder is the check over b: the remainder of b, behind a one so that leading
// zeros count and followed by as many zeros as the check is long.
func remainder(b bits, k kind) uint32 {
	n := k.checkBits()
	reg := uint32(1)
	shift := func(bit byte) {
		reg = reg<<1 | uint32(bit)
		if reg>>n&1 == 1 {
			reg ^= k.check
		}
	}
	for _, bit := range b {
		shift(bit)
	}
	for range n {
		shift(0)
	}
	return reg
}

// spelling is the alphabet of the International Civil Aviation Organization, as
// radio operators everywhere use it.
var spelling = [...]string{
	"zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine",
	"Alfa", "Bravo", "Charlie", "Delta", "Echo", "Foxtrot", "Golf", "Hotel", "Juliett", "Kilo", "Mike",
	"November", "Papa", "Quebec", "Romeo", "Sierra", "Tango", "Victor", "Whiskey", "X-ray", "Yankee", "Zulu",
}

// Spell is a group as it is read out over a radio.
func Spell(group string) string {
	var words []string
	for _, r := range group {
		if i := strings.IndexRune(alphabet, r); i >= 0 {
			words = append(words, spelling[i])
		}
	}
	return strings.Join(words, " ")
}
