package packaging_test

import (
	"bytes"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// interop is a module of its own, so that what it is compared with stays out
// of the program's go.mod.
const interop = "sync/reconcile/interop"

// modules lists the third-party modules that the program is built from. Each
// is a lasting debt (size, licence, updates): a new one is added here in the
// same change, where it can be seen.
func modules() []string {
	return []string{
		"filippo.io/age",
		"github.com/BurntSushi/toml",
		"github.com/alecthomas/kong",
		"github.com/beevik/etree",
		"github.com/fxamacker/cbor/v2",
		"github.com/go-fonts/dejavu", // the letters on maps
		"github.com/google/btree",    // the memory store
		"github.com/google/nftables",
		"github.com/gorilla/websocket",
		"github.com/hashicorp/memberlist",
		"github.com/hdevalence/ed25519consensus",
		"github.com/insomniacslk/dhcp",
		"github.com/jsimonetti/rtnetlink", // addresses and links of interfaces
		"github.com/klauspost/compress",
		"github.com/libp2p/go-libp2p",
		"github.com/miekg/dns",
		"github.com/multiformats/go-multiaddr",   // the type of every libp2p address
		"github.com/multiformats/go-multistream", // which stream protocol a peer asks for
		"github.com/paulmach/orb",
		"github.com/prometheus/client_golang",
		"github.com/russellhaering/goxmldsig", // canonical XML and its signatures
		"github.com/sethvargo/go-diceware",
		"go.etcd.io/bbolt",
		"go.mau.fi/util", // which letters look alike, by UTS 39
		"golang.org/x/crypto",
		"golang.org/x/image",
		"golang.org/x/net",
		"golang.org/x/sync",
		"golang.org/x/sys",
		"golang.org/x/text",
		"golang.org/x/time",
		"rsc.io/qr",
	}
}

// testModules lists those that only tests and their helpers may use.
func testModules() []string {
	return []string{
		"github.com/hanwen/go-fuse/v2",
		"github.com/rogpeppe/go-internal",
		"go.uber.org/goleak",
		"go.yaml.in/yaml/v3", // reads the descriptions of the API
		"pgregory.net/rapid",
	}
}

func interopModules() []string { return []string{"github.com/nbd-wtf/go-nostr"} }

func TestOnlyAnnouncedModulesAreImported(t *testing.T) {
	for _, src := range sources(t) {
		allowed := modules()
		if src.test || isHelper(src.dir) {
			allowed = append(allowed, testModules()...)
		}
		if covers(interop+"/...", src.dir) {
			allowed = append(allowed, interopModules()...)
		}
		for _, imp := range src.imports() {
			if host, _, _ := strings.Cut(imp, "/"); !strings.Contains(host, ".") || covers(modulePath+"/...", imp) {
				continue // the standard library, or ours
			}
			if !slices.ContainsFunc(allowed, func(m string) bool { return covers(m+"/...", imp) }) {
				t.Errorf("%s imports %s, which is not among the modules agreed on here", src.path, imp)
			}
			if imp == "github.com/libp2p/go-libp2p" && !src.test {
				t.Errorf("%s imports %s whole, which makes the program a third larger: build on p2p/net/swarm", src.path, imp)
			}
		}
	}
}

func TestOnlyAnnouncedModulesAreRequired(t *testing.T) {
	known := map[string][]string{
		".":               slices.Concat(modules(), testModules()),
		interop:           slices.Concat(modules(), testModules(), interopModules(), []string{modulePath}),
		"packaging/tools": {},
	}
	for _, file := range filesOf(t) {
		if path.Base(file) != "go.mod" {
			continue
		}
		allowed, ok := known[path.Dir(file)]
		if !ok {
			t.Errorf("%s: a module that nobody announced", file)
			continue
		}
		for _, req := range requirements(t, path.Dir(file)) {
			if !req.Indirect && !slices.Contains(allowed, req.Path) {
				t.Errorf("%s requires %s, which is not among the modules agreed on here", file, req.Path)
			}
		}
	}
}

// A checkout must build behind any mirror, so nothing in it names one. The
// names are put together here, or this file would be the first offender.
func TestNoFileNamesARegistry(t *testing.T) {
	var hosts []string
	for _, h := range [][]string{
		{"proxy", "golang", "org"}, {"sum", "golang", "org"}, {"goproxy", "io"}, {"goproxy", "cn"},
		{"registry", "npmjs", "org"}, {"registry", "yarnpkg", "com"}, {"registry", "npmmirror", "com"},
		{"deb", "debian", "org"}, {"security", "debian", "org"}, {"snapshot", "debian", "org"},
		{"pypi", "org"}, {"pythonhosted", "org"},
	} {
		hosts = append(hosts, regexp.QuoteMeta(strings.Join(h, ".")))
	}
	noFileHas(t, "names a package registry", strings.Join(hosts, "|")+`|"resolved"\s*:\s*"[a-z+]+://`)
}

func TestNoFileHasAnUnsettledMerge(t *testing.T) {
	noFileHas(t, "has what a merge left", `(?m)^(<{7}|>{7}) `)
}

// noFileHas holds all files of the repository to one pattern.
func noFileHas(t *testing.T, wrong, pattern string) {
	t.Helper()
	mention := regexp.MustCompile(pattern)
	for _, file := range filesOf(t) {
		name := filepath.Join(root, filepath.FromSlash(file))
		if info, err := os.Lstat(name); err != nil || !info.Mode().IsRegular() {
			continue // deleted but not yet committed, or a link
		}
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if at := mention.FindIndex(text); at != nil {
			line := 1 + bytes.Count(text[:at[0]], []byte("\n"))
			t.Errorf("%s:%d %s: %s", file, line, wrong, text[at[0]:at[1]])
		}
	}
}
