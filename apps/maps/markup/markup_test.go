package markup_test

import (
	"encoding/binary"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf16"

	"github.com/lamppost-hub/lamppost/apps/maps/markup"
	"github.com/lamppost-hub/lamppost/hub"
)

// outline is what a file holds, as <a>text<b/></a>, by Child and Text alone.
func outline(r *markup.Reader) (string, error) {
	var b strings.Builder
	var down func() error
	down = func() error {
		for {
			el, ok, err := r.Child()
			if err != nil {
				return err
			}
			if !ok {
				return nil
			}
			b.WriteString("<" + el.Name.Local + ">")
			if el.Name.Local == "t" {
				text, _, err := r.Text(1000)
				if err != nil {
					return err
				}
				b.WriteString(text)
			} else if err := down(); err != nil {
				return err
			}
			b.WriteString("</>")
		}
	}
	err := down()
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return b.String(), err
}

func TestAFileIsReadPieceByPiece(t *testing.T) {
	latin := "<?xml version='1.0' encoding='ISO-8859-1'?><r><t>Caf\xe9 \x93du coin\x94</t></r>"
	units := utf16.Encode([]rune("\ufeff<?xml version='1.0' encoding='UTF-16'?><r><t>Café</t></r>"))
	wide := make([]byte, 0, len(units)*2)
	for _, u := range units {
		wide = binary.LittleEndian.AppendUint16(wide, u)
	}
	for _, c := range []struct{ name, file, want string }{
		{"plain", "<r> x <t> a &lt; b </t> y <u><t/></u></r>", "<r><t>a < b</><u><t></></></>"},
		{"with a byte order mark", "\ufeff<?xml version='1.0'?><r/>\n", "<r></>"},
		{"CDATA, comments and tags in a text", "<r><t>a<!-- no --><![CDATA[<b> & ]]><i>c</i></t></r>", "<r><t>a<b> & c</></>"},
		{"in Latin-1, in truth Windows 1252", latin, "<r><t>Café “du coin”</></>"},
		{"in UTF-16", string(wide), "<r><t>Café</></>"},
		{"in Arabic letters of Windows", "<?xml version='1.0' encoding='windows-1256'?><r><t>\xc8</t></r>", "<r><t>ب</></>"},
	} {
		for _, wrap := range []func(io.Reader) io.Reader{func(r io.Reader) io.Reader { return r }, iotest.OneByteReader} {
			got, err := outline(markup.New(wrap(strings.NewReader(c.file))))
			if err != nil || got != c.want {
				t.Errorf("%s: %q %v, want %q", c.name, got, err, c.want)
			}
		}
	}
}

func TestWhatIsWrongIsNamedWithItsLine(t *testing.T) {
	deep := strings.Repeat("<a>", 70)
	for _, c := range []struct{ name, file, want string }{
		{"empty", "", "at line 1: it ends too early."},
		{"cut off", "<r>\n<t>abc", "at line 2: it ends too early."},
		{"cut off in a tag", "<r>\n<t a='", "at line 2: it ends too early."},
		{"another end", "<r>\n<t>\n</r>", "at line 3: in <t> it is not well-formed XML (element <t> closed by </r>)."},
		{"a bare &", "<r>\n<t>Fish & Chips</t></r>", "at line 2: in <t> there is an & that is none of XML"},
		{"an entity of HTML", "<r>\n<t>Fish&nbsp;Chips</t></r>", "at line 2: in <t> there is an & that is none of XML (invalid character entity &nbsp;). Write &amp; for it."},
		{"a document type", "<!DOCTYPE r [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;'>]><r>&b;</r>", "at line 1: it has a document type"},
		{"one that fetches", "\n<!DOCTYPE r SYSTEM 'http://example.org/x.dtd'><r/>", "at line 2: it has a document type"},
		{"two roots", "<r/>\n<s/>", "at line 2: after its end there is another element, <s>."},
		{"too deep", deep, "its elements lie in each other more than 64 deep, at <a>."},
		{"a huge text", "<r><t>" + strings.Repeat("x", 3<<20), "<t> holds more than 2 MB in one piece."},
		{"a huge tag", "<r><t " + strings.Repeat("a='' ", 500_000), "<r> holds more than 2 MB in one piece."},
		{"a huge comment", "<r><!--" + strings.Repeat("x", 3<<20), "<r> holds more than 2 MB in one piece."},
		{"an encoding that is not known", "<?xml version='1.0' encoding='EBCDIC'?><r/>", "its letters are in an encoding that is not known here, “EBCDIC”."},
		{"not its encoding", "<r>\n<t>Caf\xe9</t></r>", "at line 2: in <t> there are letters that its encoding does not know."},
		{"another version", "<?xml version='1.1'?><r/>", "it is not well-formed XML (unsupported version"},
	} {
		_, err := outline(markup.New(strings.NewReader(c.file)))
		if told, ok := errors.AsType[*hub.Error](err); !ok || told.Code != hub.Invalid || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want …%s…", c.name, err, c.want)
		}
	}
}

func TestATextIsBounded(t *testing.T) {
	for n, want := range map[int]int{0: 0, 5: 5, 6: 6, 7: 6, 1000: 6} {
		r := markup.New(strings.NewReader("<r>" + strings.Repeat("x", n) + "</r>"))
		if _, _, err := r.Child(); err != nil {
			t.Fatal(err)
		}
		if got, _, err := r.Text(5); err != nil || len(got) != want {
			t.Errorf("of %d bytes %d came (%v), want %d", n, len(got), err, want)
		}
	}
}

func TestAnErrorOfTheSourceIsPassedOn(t *testing.T) {
	broken := errors.New("the line is dead")
	if _, err := outline(markup.New(io.MultiReader(strings.NewReader("<r><t>"), iotest.ErrReader(broken)))); !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
}

// Whatever comes, reading it ends, and what is wrong is said in words.
func FuzzReader(f *testing.F) {
	for _, s := range []string{"<r><t>a</t></r>", "<!DOCTYPE r>", "\xff\xfe<\x00r\x00/\x00>\x00", "<?xml version='1.0' encoding='latin1'?><r>\xe9</r>", "<a:b xmlns:a='x'/>", "<r>&#0;</r>"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		if _, err := outline(markup.New(strings.NewReader(string(file)))); err != nil {
			if _, ok := errors.AsType[*hub.Error](err); !ok {
				t.Fatalf("refused with %v", err)
			}
		}
	})
}
