package hub_test

import (
	"strings"
	"testing"

	"github.com/fxamacker/cbor/v2"
	"github.com/lamppost-hub/lamppost/hub"
	"github.com/lamppost-hub/lamppost/sync/record"
)

func TestWhatSomebodyHasWrittenIsNamed(t *testing.T) {
	r := hub.RefTo(record.Author{0xab, 31: 1}, "a.1")
	for _, one := range [][2]string{
		{r.String(), "ab" + strings.Repeat("00", 30) + "01/a.1"},
		{r.Below(), "ab00000000000000/a.1"},
		{r.Short(), "a431d7"},
	} {
		if !strings.HasPrefix(one[0], one[1]) {
			t.Errorf("%s, not %s", one[0], one[1])
		}
	}
	if len(r.Short()) != hub.RefDigits || r.By() != (record.Author{0xab, 31: 1}) {
		t.Error(r.Short(), r.By())
	}
	b, err := cbor.Marshal(r)
	var back hub.Ref
	if err == nil {
		err = cbor.Unmarshal(b, &back)
	}
	if err != nil || back.String() != r.String() || len(b) != 1+2+32+1+3 {
		t.Errorf("%x: %v, %v", b, back, err)
	}
	for id, valid := range map[string]bool{"a.1": true, "": false, "a/1": false, "ä": false, strings.Repeat("x", 64): true, strings.Repeat("x", 65): false} {
		if hub.ValidID(id) != valid || (hub.RefTo(record.Author{}, id).Valid() != valid) {
			t.Errorf("%q", id)
		}
	}
	if (hub.Ref{Author: []byte{1}, ID: "a"}).Valid() {
		t.Error("an author of one byte")
	}
}
