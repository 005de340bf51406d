package adapt

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"framepilot/internal/fault"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/google/renameio/v2"
)

// contents knows files by what they hold: the SHA-256 of each, remembered with
// the file's size, modification time and inode so that an unchanged file is
// not read again. A renamed video keeps its embedding; an edited one loses it.
type contents struct {
	file string // where hashes are remembered; "" = nowhere
	root string // paths are remembered relative to it
	now  func() time.Time

	mu    sync.Mutex
	known map[string]fileState
	dirty bool
}

// fileState is what must be unchanged for a remembered hash to hold.
type fileState struct {
	Size    int64  `json:"size"`
	Changed int64  `json:"mtime"` // nanoseconds
	Inode   uint64 `json:"inode"` // 0 where the system has none
	SHA256  string `json:"sha256"`
}

// settled is how long a file must have been left alone before its hash is
// remembered: clocks of file systems are coarse, so that a file changed twice
// within one tick would look unchanged.
const settled = 2 * time.Second

// openContents reads the remembered hashes; a file that can't be read only
// means that everything is hashed again.
func openContents(file, root string, now func() time.Time) *contents {
	c := &contents{file: file, root: root, now: now, known: map[string]fileState{}}
	if text, err := os.ReadFile(file); err == nil {
		if json.Unmarshal(text, &c.known) != nil || c.known == nil {
			c.known = map[string]fileState{}
		}
	}
	return c
}

// hash returns the SHA-256 of a file in hexadecimal; of a folder of pictures,
// that of the names and hashes of its files.
func (c *contents) hash(ctx context.Context, path string) (string, error) {
	st, err := os.Stat(path)
	if err != nil {
		return "", err
	}
	if !st.IsDir() {
		return c.hashFile(ctx, path, st)
	}
	list, err := entries(path)
	if err != nil {
		return "", err
	}
	all := sha256.New()
	for _, e := range list {
		sum, err := c.hash(ctx, filepath.Join(path, e.Name()))
		if err != nil {
			return "", err
		}
		fmt.Fprintf(all, "%q %s\n", e.Name(), sum)
	}
	return hex.EncodeToString(all.Sum(nil)), nil
}

func (c *contents) hashFile(ctx context.Context, path string, st fs.FileInfo) (string, error) {
	if !st.Mode().IsRegular() {
		return "", fmt.Errorf("%s is not a regular file", path)
	}
	name := path
	if rel, err := relative(c.root, path); err == nil {
		name = filepath.ToSlash(rel)
	}
	state := fileState{Size: st.Size(), Changed: st.ModTime().UnixNano(), Inode: inode(st)}
	c.mu.Lock()
	known, ok := c.known[name]
	c.mu.Unlock()
	if state.SHA256 = known.SHA256; ok && known == state {
		return known.SHA256, nil
	}

	began := c.now()
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, cancellable{ctx, f}); err != nil {
		return "", err
	}
	state.SHA256 = hex.EncodeToString(sum.Sum(nil))
	if began.Sub(st.ModTime()) >= settled {
		c.mu.Lock()
		c.known[name], c.dirty = state, true
		c.mu.Unlock()
	}
	return state.SHA256, nil
}

// save writes the remembered hashes, if there are new ones.
func (c *contents) save() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.dirty || c.file == "" {
		return nil
	}
	text, err := json.MarshalIndent(c.known, "", " ")
	if err != nil {
		return fmt.Errorf("remember hashes: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(c.file), 0o755); err != nil {
		return fault.Disk("remember hashes", err)
	}
	if err := renameio.WriteFile(c.file, append(text, '\n'), 0o644); err != nil {
		return fault.Disk("remember hashes", err)
	}
	c.dirty = false
	return nil
}

// cancellable stops a long read once its context is done.
type cancellable struct {
	ctx context.Context
	io.Reader
}

func (c cancellable) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.Reader.Read(p)
}
