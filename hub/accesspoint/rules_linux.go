package accesspoint

import (
	"errors"
	"fmt"
	"net/netip"
	"time"

	"github.com/google/nftables"
	"golang.org/x/sys/unix"
)

// Names in nftables: the table of the family inet and its sets.
const (
	tableName = "lamppost"
	openSet   = "open" // the phones that are let through to the internet, by IPv4 and hardware address, each with what it sent
	backSet   = "back" // the IPv4 addresses of those, each with what came back
)

// maxOpen bounds the phones that are let through at a time.
const maxOpen = 4096

// What one phone may do in a second, and at once after a while. The kernel remembers
// each query for half a minute and each connection for longer; a phone that fills
// that memory would cut off all others. Names of a page are a few dozen.
const (
	queries, queriesAtOnce         = 200, 400
	connections, connectionsAtOnce = 50, 500
	leases, leasesAtOnce           = 10, 50 // packets of DHCP

	maxPaced = 8192             // phones that are counted
	paceFor  = 10 * time.Second // after the last packet
)

func table() *nftables.Table {
	return &nftables.Table{Name: tableName, Family: nftables.TableFamilyINet}
}

// lookRules says whether the table is there; if it is not as this version makes it, it is foreign.
func lookRules() (string, error) {
	c, err := nftables.New()
	if err != nil {
		return "", err
	}
	all, err := c.ListTablesOfFamily(nftables.TableFamilyINet)
	if err != nil {
		return "", fmt.Errorf("nftables: %w", err)
	}
	for _, t := range all {
		if t.Name != tableName {
			continue
		}
		if _, err := c.GetSetByName(table(), backSet); errors.Is(err, unix.ENOENT) {
			return foreign, nil
		} else if err != nil {
			return "", fmt.Errorf("nftables: %w", err)
		}
		return present, nil
	}
	return absent, nil
}

func removeRules() error {
	c, err := nftables.New()
	if err != nil {
		return err
	}
	c.DelTable(table())
	if err := c.Flush(); err != nil && !errors.Is(err, unix.ENOENT) {
		return err
	}
	return nil
}

// addRules makes the table: all of it at once, or nothing. lan is the networks that the
// uplink is part of.
func addRules(p Plan, lan []netip.Prefix) error {
	c, err := nftables.New()
	if err != nil {
		return err
	}
	b := &builder{conn: c, table: c.CreateTable(table())}
	phone, err := nftables.ConcatSetType(nftables.TypeIPAddr, nftables.TypeEtherAddr)
	if err != nil {
		return err
	}
	b.phone = phone
	b.open = &nftables.Set{
		Table: b.table, Name: openSet, KeyType: phone, Concatenation: true, Counter: true, Size: maxOpen,
	}
	b.back = &nftables.Set{Table: b.table, Name: backSet, KeyType: nftables.TypeIPAddr, Counter: true, Size: maxOpen}
	if p.passes() {
		b.closed = b.networks("closed", append(closed(), lan...))
	}
	if p.passes() && p.Passes == Listed {
		b.allowed = b.networks("allowed", p.Allowed)
	}
	b.err = errors.Join(b.err, c.AddSet(b.open, nil), c.AddSet(b.back, nil))
	b.flood(p)
	b.prerouting(p)
	b.input(p)
	b.forward(p)
	b.postrouting(p)
	if b.err != nil {
		return b.err
	}
	return c.Flush()
}

// builder gathers the table.
type builder struct {
	conn                        *nftables.Conn
	table                       *nftables.Table
	phone                       nftables.SetDatatype // what a phone is known by
	open, back, closed, allowed *nftables.Set
	err                         error
}

// networks makes a set of networks.
func (b *builder) networks(name string, all []netip.Prefix) *nftables.Set {
	s := &nftables.Set{Table: b.table, Name: name, KeyType: nftables.TypeIPAddr, Interval: true}
	var elements []nftables.SetElement
	for _, r := range merge(all) {
		elements = append(elements, nftables.SetElement{Key: r.first.AsSlice()})
		if end := r.last.Next(); end.IsValid() {
			elements = append(elements, nftables.SetElement{Key: end.AsSlice(), IntervalEnd: true})
		}
	}
	b.err = errors.Join(b.err, b.conn.AddSet(s, elements))
	return s
}

// pace makes a set that counts what each phone does: not in another's name.
func (b *builder) pace(name string) *nftables.Set { return b.paceBy(name, b.phone) }

// paceBy is pace by something else.
func (b *builder) paceBy(name string, key nftables.SetDatatype) *nftables.Set {
	s := &nftables.Set{
		Table: b.table, Name: name, KeyType: key, Concatenation: key == b.phone, Dynamic: true, Size: maxPaced,
		HasTimeout: true, Timeout: paceFor,
	}
	b.err = errors.Join(b.err, b.conn.AddSet(s, nil))
	return s
}

// chain makes a chain at a hook, which accepts what no rule decides.
func (b *builder) chain(name string, kind nftables.ChainType, hook *nftables.ChainHook, at *nftables.ChainPriority, rules ...exprs) {
	policy := nftables.ChainPolicyAccept
	c := b.conn.AddChain(&nftables.Chain{Name: name, Table: b.table, Type: kind, Hooknum: hook, Priority: at, Policy: &policy})
	for _, r := range rules {
		b.conn.AddRule(&nftables.Rule{Table: b.table, Chain: c, Exprs: r})
	}
}

// flood drops what one phone asks too fast, before the kernel remembers it.
func (b *builder) flood(p Plan) {
	paced := rule(above(b.pace("queries"), queries, queriesAtOnce), drop())
	rules := []exprs{
		rule(from(p.Interface), udp(portDNS), paced),
		rule(from(p.Interface), udp(portDHCP), aboveFrame(b.paceBy("leases", nftables.TypeEtherAddr), leases, leasesAtOnce), drop()),
	}
	if p.DNS != portDNS {
		rules = append(rules, rule(from(p.Interface), udp(p.DNS), paced))
	}
	b.chain("flood", nftables.ChainTypeFilter, nftables.ChainHookPrerouting, nftables.ChainPriorityRaw, rules...)
}

// prerouting leads names and pages of phones to the hub.
func (b *builder) prerouting(p Plan) {
	phones, self := from(p.Interface), p.Address.Addr()
	rules := []exprs{
		rule(phones, ip4(), udp(portDNS), divert(self, p.DNS)),
		rule(phones, ip4(), tcp(portDNS), divert(self, p.DNS)),
		rule(phones, toAddr(self), tcp(portHTTP), divert(self, p.HTTP)),
		rule(phones, toAddr(p.Virtual), tcp(portHTTP), divert(self, p.HTTP)),
		rule(phones, notFromSet(b.open), tcp(portHTTP), divert(self, p.HTTP)),
	}
	if p.API != 0 {
		rules = append(rules, rule(phones, toAddr(self), tcp(portHTTPS), divert(self, p.API)))
	}
	// To a port of the hub's that is refused: where no way leads, a packet would be lost
	// without a word, and the phone wait for it.
	rules = append(rules, rule(phones, notFromSet(b.open), beyond(p.Network()), proto(unix.IPPROTO_TCP), divert(self, portDNSovTLS)))
	// The kernel may send what a rule refuses there out by another interface, which has
	// such addresses too. Nobody listens at this port, or nobody whom it would harm.
	rules = append(rules, rule(phones, toLinkLocal(), notTCP(p.HTTP), notTCP(p.DNS), divert6(portDiscard)))
	b.chain("prerouting", nftables.ChainTypeNAT, nftables.ChainHookPrerouting, nftables.ChainPriorityNATDest, rules...)
}

// input is what phones may have of the hub itself; all else is refused at once, since
// a phone that gets no answer waits for seconds. A phone is no router: what routers tell,
// advertisements and redirects, is not heard from it, also where it belongs to a
// connection that there is.
func (b *builder) input(p Plan) {
	rules := []exprs{
		rule(notFrom(p.Interface), accept()),
		rule(redirect(), drop()),
		rule(answers(), accept()),
		rule(ip4(), udp(portDHCP), accept()),
		rule(udp(p.DNS), accept()),
		rule(tcp(p.DNS), accept()),
		rule(tcp(p.HTTP), accept()),
		rule(echo(), accept()),
		rule(echo6(), accept()),
		rule(neighborDiscovery(), accept()),
	}
	if p.API != 0 {
		rules = append(rules, rule(toAddr(p.Address.Addr()), tcp(p.API), accept()))
	}
	rules = append(rules, rule(toLinkLocal(), tcp(portDiscard), accept()), rule(proto(unix.IPPROTO_TCP), reset()), rule(closedPort()))
	b.chain("input", nftables.ChainTypeFilter, nftables.ChainHookInput, nftables.ChainPriorityFilter, rules...)
}

// forward is what passes between phones and the internet. What does not concern
// phones is not looked at.
func (b *builder) forward(p Plan) {
	phones := from(p.Interface)
	among := drop()
	if !p.Isolate {
		among = accept()
	}
	rules := []exprs{
		rule(phones, to(p.Interface), among),
		rule(to(p.Interface), answers(), toSet(b.back), accept()),
		rule(to(p.Interface), drop()),
		rule(notFrom(p.Interface), accept()),
		rule(tcp(portSMTP), reset()),
		rule(tcp(portDNSovTLS), reset()),
		rule(udp(portDNSovTLS), closedPort()),
	}
	if p.passes() {
		rules = append(rules, rule(begins(), above(b.pace("connections"), connections, connectionsAtOnce), drop()))
		rules = append(rules, rule(toSet(b.closed), proto(unix.IPPROTO_TCP), reset()), rule(toSet(b.closed), forbidden()))
		if p.Passes == Listed {
			rules = append(rules, rule(to(p.Uplink), toSet(b.allowed), fromSet(b.open), accept()))
		} else {
			rules = append(rules, rule(to(p.Uplink), fromSet(b.open), accept()))
		}
	}
	rules = append(rules, rule(proto(unix.IPPROTO_TCP), reset()), rule(forbidden()))
	b.chain("forward", nftables.ChainTypeFilter, nftables.ChainHookForward, nftables.ChainPriorityFilter, rules...)
}

// postrouting gives what leaves the uplink's address.
func (b *builder) postrouting(p Plan) {
	var rules []exprs
	if p.Uplink != "" {
		rules = append(rules, rule(to(p.Uplink), fromNetwork(p.Network()), masquerade()))
	}
	b.chain("postrouting", nftables.ChainTypeNAT, nftables.ChainHookPostrouting, nftables.ChainPriorityNATSource, rules...)
}
