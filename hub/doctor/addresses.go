package doctor

import (
	"fmt"
	"net/netip"
)

// Addresses are those that the hub gives to phones.
type Addresses struct {
	Interface string       // the phones'; "" = somebody else gives them theirs
	Hub       netip.Prefix // the hub's own address there
	Used, All int          // how many are in use, of so many
	Refused   bool         // lately a phone came for which none was left
}

// widest is how many bits the prefix of the widest network has that is of use: of a wider
// one a hub gives out no more addresses.
const widest = 18

// addresses is whether phones that come get one.
func addresses(f Facts) []Finding {
	const code = "addresses"
	a := f.Addresses
	full := fmt.Sprintf("All %d addresses for phones on %s were in use when a phone came lately: those that are there stay, and new ones get none.", a.All, a.Interface)
	switch {
	case a.Interface == "":
		return nil
	case a.Refused && a.Hub.Bits() <= widest:
		return []Finding{{code, Warn, full, "No hub gives out more. Set up another hub with a Wi-Fi of its own."}}
	case a.Refused:
		wider := netip.PrefixFrom(a.Hub.Addr(), max(a.Hub.Bits()-2, widest))
		return []Finding{{code, Warn, full,
			fmt.Sprintf("Make the phones' network wider: “lamppost portal up” again, as before and with --address %s or a wider one.", wider)}}
	}
	return fine(code, fmt.Sprintf("%d of %d addresses for phones on %s are in use.", a.Used, a.All, a.Interface))
}
