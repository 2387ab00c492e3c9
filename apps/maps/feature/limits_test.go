package feature_test

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/lamppost-hub/lamppost/apps/maps/feature"
	"github.com/lamppost-hub/lamppost/hub"
)

func TestAFileMayBeAsLargeAsItsBound(t *testing.T) {
	const bound = 2 << 20
	for _, wrap := range []func(io.Reader) io.Reader{
		func(r io.Reader) io.Reader { return r }, iotest.OneByteReader, iotest.DataErrReader,
	} {
		got, err := io.ReadAll(feature.Bounded(wrap(strings.NewReader(strings.Repeat("x", bound))), bound))
		if err != nil || len(got) != bound {
			t.Errorf("of as much as fits %d bytes came (%v)", len(got), err)
		}
		got, err = io.ReadAll(feature.Bounded(wrap(strings.NewReader(strings.Repeat("x", bound+1))), bound))
		if told, ok := errors.AsType[*hub.Error](err); !ok || told.Error() != "This file is larger than 2 MB. Split it into smaller files." {
			t.Errorf("of one more the error is %v", err)
		}
		if len(got) != bound {
			t.Errorf("of one more %d bytes came", len(got))
		}
	}
}

// list is a source of what it holds, errors in place.
type list []any

func (l *list) Next() (feature.Feature, error) {
	if len(*l) == 0 {
		return feature.Feature{}, io.EOF
	}
	first := (*l)[0]
	*l = (*l)[1:]
	if err, ok := first.(error); ok {
		return feature.Feature{}, err
	}
	return first.(feature.Feature), nil
}

func TestAFileMayHaveAsManyFeaturesAsItsBound(t *testing.T) {
	refusal := feature.Refuse(feature.Nth(2), "A line needs at least 2 points.")
	for most, want := range map[int]string{
		3: "a,entry 2: A line needs at least 2 points.,c",
		2: "a,entry 2: A line needs at least 2 points.,This file has more than 2 entries. Split it into smaller files.",
	} {
		var got []string
		for f, err := range feature.All(feature.Counted(&list{feature.Feature{ID: "a"}, refusal, feature.Feature{ID: "c"}}, most)) {
			if err != nil {
				got = append(got, err.Error())
			} else {
				got = append(got, f.ID)
			}
		}
		if strings.Join(got, ",") != want {
			t.Errorf("at most %d: got %q, want %q", most, strings.Join(got, ","), want)
		}
	}
}

func TestAnErrorEndsAFile(t *testing.T) {
	n := 0
	for _, err := range feature.All(&list{errors.New("broken"), feature.Feature{}}) {
		if n++; err == nil {
			t.Error("the error is left out")
		}
	}
	if n != 1 {
		t.Errorf("%d came, want the error alone", n)
	}
}

func TestAFeatureIsBounded(t *testing.T) {
	long := func(n int) string { return strings.Repeat("x", n) }
	for _, tt := range []struct {
		f    feature.Feature
		want string
	}{
		{feature.Feature{ID: long(feature.MaxID), Name: long(feature.MaxName), Description: long(feature.MaxText), Props: make([]feature.Prop, feature.MaxProps)}, ""},
		{feature.Feature{ID: long(feature.MaxID + 1)}, "Its id is too long: at most 200 bytes are read. Shorten it."},
		{feature.Feature{Name: long(feature.MaxName + 1)}, "Its name is too long"},
		{feature.Feature{Description: long(feature.MaxText + 1)}, "Its description is too long"},
		{feature.Feature{Props: make([]feature.Prop, feature.MaxProps+1)}, "It has 251 values, and at most 250 are read."},
		{feature.Feature{Props: []feature.Prop{{Name: long(feature.MaxName + 1)}}}, "The name of a value is too long"},
		{feature.Feature{Props: []feature.Prop{{Name: "note", Value: long(feature.MaxText + 1)}}}, "Its value of “note” is too long"},
	} {
		tt.f.At = feature.Line(7)
		_, err := tt.f.Fit()
		if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.HasPrefix(err.Error(), "line 7: "+tt.want)) {
			t.Errorf("got %v, want %q", err, tt.want)
		}
	}
}

func TestWhereAFileBreaksIsSaid(t *testing.T) {
	err := feature.Broken(feature.Spot(3, 14), "a quotation mark is missing.")
	if want := "This file cannot be read further, at line 3, column 14: a quotation mark is missing."; err.Error() != want {
		t.Errorf("got %q, want %q", err, want)
	}
}
