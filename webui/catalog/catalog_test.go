package catalog_test

import (
	"testing"
	"testing/fstest"

	"github.com/lamppost-hub/lamppost/webui/catalog"
)

func folder(files map[string]string) fstest.MapFS {
	out := fstest.MapFS{}
	for name, text := range files {
		out["catalog."+name+".toml"] = &fstest.MapFile{Data: []byte(text)}
	}
	return out
}

func load(t *testing.T, files map[string]string) *catalog.Catalog {
	t.Helper()
	c, err := catalog.Load(folder(files))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func sample(t *testing.T) *catalog.Catalog {
	t.Helper()
	return load(t, map[string]string{
		"en": "[phrases.\"%d places\"]\none = \"%d place\"\nother = \"%d places\"\n",
		"es": "[phrases]\n\"Post\" = \"Publicar\"\n\"%s by %s\" = \"%[2]s: %[1]s\"\n[phrases.\"%d places\"]\none = \"%d lugar\"\nother = \"%d lugares\"\n",
		"ar": "reviewed = \"Amal\"\n[phrases.\"%d places\"]\nzero = \"z\"\none = \"o\"\ntwo = \"t\"\nfew = \"f %d\"\nmany = \"m %d\"\nother = \"x %d\"\n",
	})
}

func TestAPhraseIsSaidInTheLanguageAskedFor(t *testing.T) {
	c := sample(t)
	es, _ := c.Language("es")
	ar, _ := c.Language("ar")
	for _, tt := range []struct{ got, want string }{
		{c.English().Text("Post"), "Post"},
		{es.Text("Post"), "Publicar"},
		{es.Text("%s by %s", "a", "b"), "b: a"},
		{c.English().Text("%d places", 1), "1 place"},
		{es.Text("%d places", 1), "1 lugar"},
		{es.Text("%d places", 0), "0 lugares"},
		{ar.Text("%d places", 0), "z"},
		{ar.Text("%d places", 2), "t"},
		{ar.Text("%d places", 7), "f 7"},
		{ar.Text("%d places", 12), "m 12"},
		{ar.Text("%d places", uint64(100)), "x 100"},
		{ar.Text("Post"), "Post"},
		{string(es.HTML("%s by %s", "<a>", "b")), "<bdi>b</bdi>: <bdi>&lt;a&gt;</bdi>"},
		{es.Text("100%% sure"), "100% sure"},
	} {
		if tt.got != tt.want {
			t.Errorf("%q, want %q", tt.got, tt.want)
		}
	}
	if !ar.RTL || ar.Dir() != "rtl" || !ar.Reviewed || es.Reviewed {
		t.Error(ar, es)
	}
}

func TestTheBrowsersLanguageIsMatched(t *testing.T) {
	c := sample(t)
	for accept, want := range map[string]string{
		"": "en", "es-MX,es;q=0.9,en;q=0.5": "es", "ar-EG": "ar", "de-CH, fr;q=0.8": "en", "xx;;": "en",
		"de, es;q=0.1": "es", "en-GB, es": "en",
	} {
		if got := c.Match(accept).Code; got != want {
			t.Errorf("%q: %s, want %s", accept, got, want)
		}
	}
}

func TestADamagedCatalogueIsRefused(t *testing.T) {
	for name, text := range map[string]string{
		"not TOML":           "[phrases",
		"a strange key":      "phrase = 1",
		"a number":           "[phrases]\n\"a\" = 3",
		"no text":            "[phrases]\n\"a\" = \"\"",
		"a strange category": "[phrases.a]\nmost = \"x\"\nother = \"y\"",
		"no other":           "[phrases.a]\none = \"x\"",
	} {
		if _, err := catalog.Load(folder(map[string]string{"es": text})); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
	one, two := folder(map[string]string{"es": "[phrases]\n\"a\" = \"b\""}), folder(map[string]string{"es": "[phrases]\n\"a\" = \"c\""})
	if _, err := catalog.Load(one, two); err == nil {
		t.Error("two catalogues that differ are taken")
	}
	if _, err := catalog.Load(one, one); err != nil {
		t.Error(err)
	}
}
