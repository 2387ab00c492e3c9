package keep

import (
	"bytes"
	"context"
	"io"
	"os"
	"syscall"
	"testing"

	"github.com/lamppost-hub/lamppost/apps/maps/layer"
)

type one struct{ *bytes.Reader }

func (one) Close() error { return nil }

func (o one) Open(context.Context, [32]byte) (io.ReadSeekCloser, error) {
	_, err := o.Seek(0, io.SeekStart)
	return o, err
}

func TestAFullDiskIsSaid(t *testing.T) {
	k, err := Open(t.TempDir(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer k.Close()
	var file, scratch bytes.Buffer
	if err := layer.NewWriter(&file, struct {
		io.Writer
		io.ReaderAt
	}{&scratch, nil}).Close(); err != nil {
		t.Fatal(err)
	}
	from := one{bytes.NewReader(file.Bytes())}
	k.create = func(string) (*os.File, error) { return nil, &os.PathError{Op: "create", Err: syscall.ENOSPC} }
	if missing, err := k.Follow(t.Context(), []Sum{{1}}, from); missing != 1 || err != nil {
		t.Error(missing, err)
	}
	if _, state := k.Get(Sum{1}); state != NoRoom {
		t.Error(state)
	}
	k.create = os.Create
	if missing, err := k.Follow(t.Context(), []Sum{{1}}, from); missing != 0 || err != nil {
		t.Error(missing, err)
	}
	if _, state := k.Get(Sum{1}); state != Ready {
		t.Error("later it is", state)
	}
}

func TestTheLastTenthOfADiskIsLeftAlone(t *testing.T) {
	free := uint64(100 << 20)
	k, err := Open(t.TempDir(), func() (uint64, uint64, error) { return free, 1000 << 20, nil })
	if err != nil {
		t.Fatal(err)
	}
	defer k.Close()
	var file, scratch bytes.Buffer
	if err := layer.NewWriter(&file, struct {
		io.Writer
		io.ReaderAt
	}{&scratch, nil}).Close(); err != nil {
		t.Fatal(err)
	}
	from := one{bytes.NewReader(file.Bytes())}
	for _, c := range []struct {
		free uint64
		want State
	}{{100 << 20, NoRoom}, {102 << 20, Ready}} {
		free = c.free
		if _, err := k.Follow(t.Context(), []Sum{{1}}, from); err != nil {
			t.Error(err)
		}
		if _, state := k.Get(Sum{1}); state != c.want {
			t.Errorf("with %d bytes free it is %d", free, state)
		}
		if names, err := os.ReadDir(k.dir); err != nil || (len(names) > 0) != (c.want == Ready) {
			t.Errorf("there are %v, %v", names, err)
		}
	}
}
