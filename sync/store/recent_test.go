package store_test

import (
	"testing"

	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/simnet"
	"github.com/lamppost-hub/lamppost/sync/store"
)

// What views keep at hand shows no record that the set has not, and none in the
// place of another.
func TestWhatIsAtHandIsWhatTheSetHolds(t *testing.T) {
	t.Parallel()
	c := newCrowd(t, 1, 1)
	s := opened(t)(store.Open(filled(t, c), c.config()))
	post := c.posts[0]
	look := func() (texts []string, memo *record.Memo) {
		if err := s.Read(func(v *store.View) error {
			for h, err := range v.Slots(post.App, post.Key) {
				if err != nil {
					return err
				}
				texts, memo = append(texts, string(h.Body)), h.Memo
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		return texts, memo
	}
	first, memo := look()
	if _, again := look(); len(first) != 1 || again == nil || again != memo {
		t.Fatal("what is read twice is read anew", first)
	}
	for i, body := range []string{"edited", ""} {
		edited, err := c.Post(simnet.Key("resident 0"), post.Via, post.Key, post.Time+record.Time(1+i)<<16, post.TTL, body)
		if err != nil {
			t.Fatal(err)
		}
		apply(t, s, edited)
		if texts, other := look(); len(texts) != 1 || texts[0] != body || other == memo {
			t.Errorf("after %q was written there is %q", body, texts)
		}
	}
}
