package reach_test

import (
	"errors"
	"maps"
	"reflect"
	"testing"

	"github.com/lamppost-hub/lamppost/sync/reach"
	"github.com/lamppost-hub/lamppost/sync/record"
)

// A line of three hubs: what the first has written is known to be at the third by
// what the second has said.
func TestAPostIsFollowedFromHubToHub(t *testing.T) {
	own := reach.Log{{Epoch: 1, First: 0, Last: 5}, {Epoch: 2, First: 5, Last: reach.Running}}
	second := reach.Claim{
		Hub: via(1), Log: reach.Log{{Epoch: 20, Last: reach.Running}}, News: 30,
		Taken: []reach.Taken{{Hub: via(0), Position: reach.Position{Epoch: 2, Arrival: 9}}},
	}
	third := func(epoch, n uint64) reach.Claim {
		return reach.Claim{
			Hub: via(2), Log: reach.Log{{Epoch: 30, Last: reach.Running}}, News: 7,
			Taken: []reach.Taken{{Hub: via(1), Position: reach.Position{Epoch: epoch, Arrival: n}}},
		}
	}
	taken := func(epoch, n uint64) reach.Claim {
		c := second
		c.Taken = []reach.Taken{{Hub: via(0), Position: reach.Position{Epoch: epoch, Arrival: n}}}
		return c
	}
	other := taken(2, 9)
	other.Taken[0].Hub = via(3)
	type held = map[record.Via]uint64
	for name, c := range map[string]struct {
		claims []reach.Claim
		want   held
	}{
		"nobody said anything":               {nil, held{}},
		"the second":                         {[]reach.Claim{second}, held{via(1): 9}},
		"the third took over what it held":   {[]reach.Claim{second, third(20, 30)}, held{via(1): 9, via(2): 9}},
		"in whatever order":                  {[]reach.Claim{third(20, 31), second}, held{via(1): 9, via(2): 9}},
		"the third took over less than that": {[]reach.Claim{second, third(20, 29)}, held{via(1): 9}},
		"or from the second's twin":          {[]reach.Claim{second, third(21, 40)}, held{via(1): 9}},
		"only the third has said anything":   {[]reach.Claim{third(20, 30)}, held{}},
		"up to an epoch before":              {[]reach.Claim{taken(1, 4)}, held{via(1): 4}},
		"beyond what a restore left of it":   {[]reach.Claim{taken(1, 8)}, held{via(1): 5}},
		"in an epoch that never was here":    {[]reach.Claim{taken(3, 8)}, held{}},
		"before the epoch began":             {[]reach.Claim{taken(2, 4)}, held{}},
		"of another's log":                   {[]reach.Claim{other}, held{}},
		"two claims of one hub":              {[]reach.Claim{taken(2, 7), taken(2, 8)}, held{via(1): 8}},
	} {
		if got := reach.Held(via(0), own, c.claims); !maps.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

func TestAClaimFitsARecord(t *testing.T) {
	c := reach.Claim{Hub: via(1), News: 1<<64 - 1}
	for i := range uint64(reach.MaxSpans + 3) {
		c.Log = append(c.Log, reach.Span{Epoch: 1<<64 - 1 - i, First: 1<<63 + i, Last: 1<<63 + i + 1})
	}
	c.Log[len(c.Log)-1].Last = reach.Running
	for i := range reach.MaxTaken + 3 {
		c.Taken = append(c.Taken, reach.Taken{Hub: via(i), Position: reach.Position{Epoch: 1<<64 - 1, Arrival: 1<<64 - 1}})
	}
	body, err := c.Body()
	if err != nil || len(body) > record.MaxBody {
		t.Fatal(len(body), err)
	}
	c.Log, c.Taken = c.Log[3:], c.Taken[:reach.MaxTaken]
	if got, err := reach.Parse(via(1), body); err != nil || !reflect.DeepEqual(got, c) {
		t.Fatalf("%+v, %v", got, err)
	}
}

func FuzzParse(f *testing.F) {
	for _, c := range []reach.Claim{
		{Log: reach.Log{{Epoch: 1, Last: reach.Running}}},
		{
			Log: reach.Log{{Epoch: 1, Last: 7}, {Epoch: 2, First: 7, Last: reach.Running}}, News: 9,
			Taken: []reach.Taken{{Hub: via(3), Position: reach.Position{Epoch: 5, Arrival: 6}}},
		},
	} {
		body, err := c.Body()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(body)
	}
	f.Add([]byte{0xa1, 0x01, 0x80})
	f.Fuzz(func(t *testing.T, body []byte) {
		c, err := reach.Parse(via(1), body)
		if err != nil {
			if !errors.Is(err, reach.ErrBody) {
				t.Fatal(err)
			}
			return
		}
		again, err := c.Body()
		if err != nil {
			t.Fatal(err)
		}
		if back, err := reach.Parse(via(1), again); err != nil || !reflect.DeepEqual(back, c) {
			t.Fatalf("%x reads as %+v and, written again, as %+v, %v", body, c, back, err)
		}
		reach.Held(via(0), reach.Log{{Epoch: 1, Last: reach.Running}}, []reach.Claim{c, c})
	})
}
