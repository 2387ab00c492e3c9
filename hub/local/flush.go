package local

import (
	"github.com/lamppost-hub/lamppost/sync/record"
	"go.etcd.io/bbolt"
)

// flushIfDue writes what was used when, at most once an hour. What the disk does
// not take stays in memory for the next time: requests go on without it.
func (l *Local) flushIfDue() {
	l.mu.Lock()
	due := l.ran()-l.flushed >= flushInterval
	if due {
		l.flushed = l.ran() // one tries at a time, and not again at once
	}
	l.mu.Unlock()
	if due {
		_ = l.flush() // tried again within the hour; Prune and Close report it
	}
}

func (l *Local) flush() error {
	l.writing.Lock()
	defer l.writing.Unlock()
	return l.flushLocked()
}

// flushLocked is flush for callers who hold writing.
func (l *Local) flushLocked() error {
	sessions := map[mark]session{}
	places := map[int]place{}
	l.mu.Lock()
	for k, s := range l.sessions {
		if s.dirty {
			sessions[k] = *s
		}
	}
	for n := range l.places {
		if p := l.places[n]; p.Used-p.written >= touchInterval {
			places[n] = p
		}
	}
	addresses := l.addresses.changed()
	kept := make(map[string]bool, len(l.addresses.at))
	for k := range l.addresses.at {
		kept[k] = true
	}
	readers, reading := l.changedReaders(), make(map[record.Author]bool, len(l.readers))
	for who := range l.readers {
		reading[who] = true
	}
	devices, letThrough := l.changedAcceptances(), make(map[string]bool, len(l.accepted))
	for who := range l.accepted {
		letThrough[who] = true
	}
	l.flushed = l.ran()
	l.mu.Unlock()

	if err := l.update(func(tx *bbolt.Tx) error {
		for k, s := range sessions {
			if err := put(tx.Bucket(bucketSessions), k[:], &s); err != nil {
				return err
			}
		}
		for n, p := range places {
			if err := put(tx.Bucket(bucketPlaces), placeKey(n), &p); err != nil {
				return err
			}
		}
		if err := saveReaders(tx, readers, reading); err != nil {
			return err
		}
		if err := saveAcceptances(tx, devices, letThrough); err != nil {
			return err
		}
		return saveAddresses(tx, addresses, kept)
	}); err != nil {
		return err
	}

	l.mu.Lock()
	defer l.mu.Unlock()
	l.addresses.wrote(addresses)
	l.wroteReaders(readers)
	l.wroteAcceptances(devices)
	for k, wrote := range sessions {
		if s := l.sessions[k]; s != nil && s.Used == wrote.Used {
			s.dirty = false
		}
	}
	for n, wrote := range places {
		if l.places[n].Author == wrote.Author {
			l.places[n].written = wrote.Used
		}
	}
	return nil
}
