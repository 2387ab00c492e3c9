package control

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"syscall"

	"github.com/lamppost-hub/lamppost/hub/leftover"
)

// File is the socket's name in the data folder.
const File = "control.sock"

// privateFolder begins the name of the folder in which a socket is made.
const privateFolder = ".control-"

// maxPath is what fits into a unix socket's address, the final zero apart.
const maxPath = 107

// Listen makes the socket in a data folder, for its owner alone. One that a
// killed process left is replaced, so the caller must hold the folder.
func Listen(folder string) (net.Listener, error) {
	ln, err := listen(folder)
	if err != nil {
		return nil, fmt.Errorf("make the control socket in %s: %w", folder, err)
	}
	return ln, nil
}

// listen makes the socket in a private folder first: until its mode is set
// nobody else can reach it.
func listen(folder string) (_ net.Listener, err error) {
	if err := leftover.Clear(folder, privateFolder); err != nil {
		return nil, err
	}
	private, err := os.MkdirTemp(folder, privateFolder+"*")
	switch {
	case errors.Is(err, syscall.ENOSPC) && isPrivate(folder):
		return listenIn(folder, folder)
	case err != nil:
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(private)) }()
	return listenIn(private, folder)
}

// isPrivate reports whether nobody but the owner can enter a folder.
func isPrivate(folder string) bool {
	info, err := os.Stat(folder)
	return err == nil && info.Mode().Perm()&0o077 == 0
}

// listenIn makes the socket in a private folder and moves it into the data folder,
// which may be the same: a full disk has no room for another one.
func listenIn(private, folder string) (net.Listener, error) {
	name, path := filepath.Join(private, File), filepath.Join(folder, File)
	if err := os.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	addr, done, err := reachable(private)
	if err != nil {
		return nil, err
	}
	defer done()
	ln, err := net.ListenUnix("unix", &net.UnixAddr{Name: addr, Net: "unix"})
	if err != nil {
		return nil, err
	}
	ln.SetUnlinkOnClose(false) // it is about to be renamed
	if err := errors.Join(os.Chmod(name, 0o600), os.Rename(name, path)); err != nil {
		return nil, errors.Join(err, ln.Close())
	}
	return &socket{ln, path}, nil
}

// socket removes its file when it is closed.
type socket struct {
	net.Listener
	path string
}

// Close ends the socket.
func (s *socket) Close() error {
	err := s.Listener.Close()
	if errors.Is(err, net.ErrClosed) {
		return err
	}
	return errors.Join(err, os.Remove(s.path))
}

// reachable is an address of the socket in a folder that fits, however long
// the folder's name is. It is valid until done.
func reachable(folder string) (addr string, done func(), err error) {
	addr = filepath.Join(folder, File)
	if len(addr) <= maxPath {
		return addr, func() {}, nil
	}
	dir, err := os.Open(folder)
	if err != nil {
		return "", nil, err
	}
	return fmt.Sprintf("/proc/self/fd/%d/%s", dir.Fd(), File), func() { dir.Close() }, nil
}
