package replica_test

import (
	"errors"
	"testing"
	"time"

	"github.com/lamppost-hub/lamppost/sync/record"
	"github.com/lamppost-hub/lamppost/sync/replica"
)

// TestAPeerThatChangesItsMind: one that gives up what it began, asks for what it
// was not offered, or answers twice is gone along with or left, with nothing kept
// of it, and what this hub holds stays as it is.
func TestAPeerThatChangesItsMind(t *testing.T) {
	talk := byte(record.Talk)
	for name, c := range map[string]struct {
		says [][][]byte // message by message
		left bool
	}{
		"from a tail to a reconciliation": {says: [][][]byte{
			replica.Frames(replica.Control, replica.KTail, replica.Tail{}),
			replica.Frames(talk, replica.KReconcile, replica.ReconcileMsg{Session: 1, First: true, Message: []byte{0x61}}),
			replica.Frames(replica.Control, replica.KTail, replica.Tail{}),
		}},
		"wants what was not offered": {says: [][][]byte{
			replica.Frames(talk, replica.KWants, replica.Wants{IDs: make([]byte, 32*10)}),
		}},
		"answers twice": {says: [][][]byte{
			replica.Frames(replica.Control, replica.KTail, replica.Tail{}),
			replica.Frames(replica.Control, replica.KAnswer, replica.Answer{Batch: 1, Wants: []byte{1}}),
			replica.Frames(replica.Control, replica.KAnswer, replica.Answer{Batch: 1, Wants: []byte{1}}),
		}},
		"answers what nobody asked": {says: [][][]byte{
			replica.Frames(replica.Control, replica.KAnswer, replica.Answer{Batch: 99, Wants: []byte{0xff, 0xff}}),
			replica.Frames(talk, replica.KReconcile, replica.ReconcileMsg{Session: 77, Reply: true, Message: []byte{0x61}}),
		}},
		"goes on with a reconciliation that it never began": {says: [][][]byte{
			replica.Frames(talk, replica.KReconcile, replica.ReconcileMsg{Session: 5, Message: []byte{0x61}}),
		}},
		"begins without end": {left: true, says: func() (all [][][]byte) {
			for n := range uint64(100) {
				all = append(all, replica.Frames(talk, replica.KReconcile, replica.ReconcileMsg{Session: n, First: true, Message: []byte{0x61}}))
			}
			return all
		}()},
		"asks for tails without end": {left: true, says: func() (all [][][]byte) {
			for range 100 {
				all = append(all, replica.Frames(replica.Control, replica.KTail, replica.Tail{}))
			}
			return all
		}()},
	} {
		t.Run(name, func(t *testing.T) {
			v := newVictim(t)
			_, err := v.store.Apply(t.Context(), v.post("ana", "a/1"))
			ok(t, err)
			v.greet()
			before, err := v.store.Moment(0)
			ok(t, err)
			for _, frames := range c.says {
				if err = v.hear(frames...); err != nil {
					break
				}
				v.says()
			}
			if errors.Is(err, replica.ErrProtocol) != c.left || err != nil && !c.left {
				t.Fatalf("left: %t, because of %v", c.left, err)
			}
			if err == nil {
				ok(t, v.step(time.Second))
			}
			v.engine.Down(theLink)
			if after, err := v.store.Moment(0); err != nil || after != before {
				t.Errorf("the set is another: %v", err)
			}
			if s := v.engine.Sizes(); s.Links+s.Wanted+s.InboxItems > 0 {
				t.Errorf("kept: %+v", s)
			}
		})
	}
}
