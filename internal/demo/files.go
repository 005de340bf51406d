package demo

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"

	"framepilot/internal/fault"
)

// temporary begins the name of a file that is not whole yet.
const temporary = ".framepilot-"

func isTemporary(path string) bool { return strings.HasPrefix(filepath.Base(path), temporary) }

// writeNew is writeFile, but refuses to replace what may be somebody's work.
func writeNew(path string, data []byte) error {
	there, err := os.ReadFile(path)
	if err == nil && !bytes.Equal(there, data) {
		return fault.New(fault.Input, "choose an empty folder for the demo", "%s is there and is not the demo's", path)
	}
	return writeFile(path, data)
}

// writeFile makes path hold data, whole or not at all, and leaves it alone if
// it does already: what is known about an unchanged file stays known.
//
// It doesn't wait for the disk, unlike everything else the program writes:
// all of the demo's files can be made again, and are checked when they are.
func writeFile(path string, data []byte) error {
	if there, err := os.ReadFile(path); err == nil && bytes.Equal(there, data) {
		return nil
	}
	dir := filepath.Dir(path)
	const hint = "choose a folder you may write to, with --dir"
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return fault.New(fault.Missing, hint, "%w", err)
	}
	f, err := os.CreateTemp(dir, temporary)
	if err != nil {
		return fault.New(fault.Missing, hint, "%w", err)
	}
	defer os.Remove(f.Name()) // in vain once it is renamed
	if _, err := f.Write(data); err != nil {
		f.Close()
		return fault.New(fault.Missing, "check the disk and the space left on it", "%w", err)
	}
	if err := f.Close(); err != nil {
		return err
	}
	if err := os.Chmod(f.Name(), 0o644); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}
