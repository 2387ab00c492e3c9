package keep_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/paulmach/orb"

	"github.com/lamppost-hub/lamppost/apps/maps/layer"
	"github.com/lamppost-hub/lamppost/apps/maps/layer/keep"
	"github.com/lamppost-hub/lamppost/hub"
)

// blobs are what has come.
type blobs map[keep.Sum][]byte

func (b blobs) Open(_ context.Context, sum [32]byte) (io.ReadSeekCloser, error) {
	raw, ok := b[sum]
	if !ok {
		return nil, hub.Errorf(hub.NotFound, "", "This file is not here yet.")
	}
	return closer{bytes.NewReader(raw)}, nil
}

// put is a layer of so many entries, or whatever it is.
func (b blobs) put(t *testing.T, n int) keep.Sum {
	t.Helper()
	var file, scratch bytes.Buffer
	w := layer.NewWriter(&file, reader{&scratch})
	for i := range n {
		if err := w.Add(layer.Entry{ID: fmt.Sprint(n, "-", i), Bound: orb.Point{-73, 44}.Bound()}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(file.Bytes())
	b[sum] = file.Bytes()
	return sum
}

type closer struct{ io.ReadSeeker }

func (closer) Close() error { return nil }

type reader struct{ *bytes.Buffer }

func (r reader) ReadAt(p []byte, at int64) (int, error) {
	return bytes.NewReader(r.Bytes()).ReadAt(p, at)
}

func open(t *testing.T, dir string) *keep.Keeper {
	t.Helper()
	k, err := keep.Open(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(k.Close)
	return k
}

func follow(t *testing.T, k *keep.Keeper, b blobs, wanted ...keep.Sum) int {
	t.Helper()
	missing, err := k.Follow(t.Context(), wanted, b)
	if err != nil {
		t.Fatal(err)
	}
	return missing
}

// stands is how many entries a layer has here; -1 if it is not Ready.
func stands(t *testing.T, k *keep.Keeper, sum keep.Sum) int {
	t.Helper()
	x, state := k.Get(sum)
	if (state == keep.Ready) != (x != nil) {
		t.Fatal(x, state)
	}
	if x == nil {
		return -1
	}
	n, err := x.Count(orb.Bound{Min: orb.Point{-180, -90}, Max: orb.Point{180, 90}}, layer.AllClasses())
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// files are the names in a folder.
func files(t *testing.T, dir string) (all []string) {
	t.Helper()
	names, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range names {
		all = append(all, n.Name())
	}
	return all
}

func TestALayerIsThereOnceItHasCome(t *testing.T) {
	dir, b := filepath.Join(t.TempDir(), "layers"), blobs{}
	k := open(t, dir)
	one := b.put(t, 3)
	late := b[one]
	delete(b, one)
	if n := follow(t, k, b, one); n != 1 || stands(t, k, one) != -1 {
		t.Fatalf("%d are missing", n)
	}
	b[one] = late
	if n := follow(t, k, b, one); n != 0 || stands(t, k, one) != 3 {
		t.Fatalf("%d are missing, %d are there", n, stands(t, k, one))
	}
	clear(b) // nobody needs it any more
	k.Close()
	k = open(t, dir)
	if n := follow(t, k, b, one); n != 0 || stands(t, k, one) != 3 {
		t.Fatalf("after a restart %d are missing, %d are there", n, stands(t, k, one))
	}
}

func TestWhatIsNotWantedGoes(t *testing.T) {
	dir, b := t.TempDir(), blobs{}
	k := open(t, dir)
	one, two := b.put(t, 1), b.put(t, 2)
	follow(t, k, b, one, two)
	x, _ := k.Get(one)
	follow(t, k, b, two)
	if _, state := k.Get(one); state != keep.Waiting || stands(t, k, two) != 2 || len(files(t, dir)) != 1 {
		t.Errorf("it is %d, and there are %v", state, files(t, dir))
	}
	_, _, err := x.Get("1-0")
	if !errors.Is(err, os.ErrClosed) || errors.Is(err, layer.ErrDamaged) {
		t.Errorf("who still asks is told %v", err)
	}
	k.Failed(two, err)
	if stands(t, k, two) != 2 {
		t.Error("what is closed is taken for damaged")
	}
}

func TestWhatIsDamagedIsMadeAnew(t *testing.T) {
	dir, b := t.TempDir(), blobs{}
	k := open(t, dir)
	one, two := b.put(t, 1), b.put(t, 2)
	follow(t, k, b, one, two)
	all := files(t, dir)
	for _, name := range all {
		raw, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		raw[0] ^= 1 // of a page
		if err := os.WriteFile(filepath.Join(dir, name), raw, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	x, _ := k.Get(one)
	_, _, err := x.Get("1-0")
	if !errors.Is(err, layer.ErrDamaged) {
		t.Fatal(err)
	}
	k.Failed(one, err)
	if follow(t, k, b, one, two); stands(t, k, one) != 1 {
		t.Error("it was not made anew")
	}
	k.Close()
	for i, raw := range [][]byte{[]byte("of another version"), nil} {
		if err := os.WriteFile(filepath.Join(dir, all[i]), raw, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	k = open(t, dir)
	if follow(t, k, b, one, two); stands(t, k, one) != 1 || stands(t, k, two) != 2 {
		t.Error("they were not made anew after a restart")
	}
	k.Close()
	if err := os.Rename(filepath.Join(dir, all[0]), filepath.Join(dir, all[1])); err != nil {
		t.Fatal(err)
	}
	k = open(t, dir)
	if follow(t, k, b, one, two); stands(t, k, one) != 1 || stands(t, k, two) != 2 {
		t.Error("one was taken for the other")
	}
}

func TestWhatIsNoLayerIsSaidToBeNone(t *testing.T) {
	dir, b := t.TempDir(), blobs{}
	k := open(t, dir)
	none, one := keep.Sum{1}, b.put(t, 1)
	b[none] = []byte("LAYER\x00\x00\x01 it is not")
	if n := follow(t, k, b, none, one); n != 0 || stands(t, k, one) != 1 {
		t.Errorf("%d are missing", n)
	}
	if _, state := k.Get(none); state != keep.Broken || len(files(t, dir)) != 1 {
		t.Error(state, files(t, dir))
	}
}

func TestWhatACrashLeftIsClearedAway(t *testing.T) {
	dir, b := t.TempDir(), blobs{}
	one := b.put(t, 1)
	k := open(t, dir)
	follow(t, k, b, one)
	half := filepath.Join(dir, files(t, dir)[0]+".new")
	if err := errors.Join(os.WriteFile(half, []byte("half"), 0o644), os.WriteFile(filepath.Join(dir, "README"), nil, 0o644)); err != nil {
		t.Fatal(err)
	}
	k.Close()
	if k = open(t, dir); stands(t, k, one) != 1 || len(files(t, dir)) != 2 {
		t.Error(files(t, dir))
	}
}

func TestReadingEndsWithWhoeverAsked(t *testing.T) {
	dir, b := t.TempDir(), blobs{}
	k := open(t, dir)
	one := b.put(t, 1000)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := k.Follow(ctx, []keep.Sum{one}, b); !errors.Is(err, context.Canceled) || len(files(t, dir)) > 0 {
		t.Error(err, files(t, dir))
	}
	if follow(t, k, b, one); stands(t, k, one) != 1000 {
		t.Error("it was not read later")
	}
}

func TestThereAreNotVeryMany(t *testing.T) {
	b, k := blobs{}, open(t, t.TempDir())
	var all []keep.Sum
	for n := range keep.Most + 1 {
		all = append(all, b.put(t, n))
	}
	if follow(t, k, b, all...); stands(t, k, all[keep.Most-1]) != keep.Most-1 || stands(t, k, all[keep.Most]) != -1 {
		t.Error("not the first of them are here")
	}
}

// failing gives what cannot be read.
type failing struct{ err error }

func (f failing) Open(context.Context, [32]byte) (io.ReadSeekCloser, error) { return nil, f.err }

func TestWhatGoesWrongIsTold(t *testing.T) {
	k := open(t, t.TempDir())
	wrong := errors.New("the disk does not read")
	if missing, err := k.Follow(t.Context(), []keep.Sum{{1}}, failing{wrong}); missing != 1 || !errors.Is(err, wrong) {
		t.Error(missing, err)
	}
	name := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(name, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := keep.Open(filepath.Join(name, "in it"), nil); err == nil {
		t.Error("a folder in a file")
	}
}
