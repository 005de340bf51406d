package checkpoint

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"framepilot/internal/fault"
	"framepilot/internal/safetensors"
	"framepilot/model/checkpoint/internal/pickle"
)

// Info describes one tensor.
type Info struct {
	Name  string
	DType safetensors.DType
	Shape []int // empty for a scalar
}

// Bytes is the size of the tensor written without gaps.
func (i Info) Bytes() int64 {
	n, err := safetensors.ByteSize(i.DType, i.Shape)
	if err != nil {
		panic("checkpoint: a tensor was not checked: " + err.Error())
	}
	return n
}

// Checkpoint is an open file of named tensors. Its methods may be used by
// several goroutines at once.
type Checkpoint struct {
	Format   string            // "torch", "torch legacy" or "safetensors"
	Metadata map[string]string // of a safetensors file; nil otherwise

	tensors []*tensor // in the order of the file
	index   map[string]*tensor
	closer  io.Closer
}

const damagedHint = "the file is damaged or incomplete; compare its size with the original and copy or download it again"

// Open opens a checkpoint and checks that every tensor named in it lies within
// the file. What kind of file it is is told from its first bytes, not its name.
// In a .pth the tensors are looked for at the top level and under "state_dict",
// "model_state_dict", "model" or "module". A leading "module." is cut from
// every name: it is what DistributedDataParallel adds.
func Open(path string) (*Checkpoint, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fault.New(fault.Missing, "", "checkpoint: %w", err)
	}
	if err != nil {
		return nil, fault.New(fault.Input, "", "checkpoint: %w", err)
	}
	c, err := openFile(f)
	if err != nil {
		f.Close()
		return nil, err
	}
	c.closer = f
	return c, nil
}

func openFile(f *os.File) (*Checkpoint, error) {
	st, err := f.Stat()
	if err != nil {
		return nil, fault.New(fault.Input, "", "checkpoint: %w", err)
	}
	if !st.Mode().IsRegular() {
		return nil, fault.New(fault.Input, "name the checkpoint itself, a .pth or .safetensors file", "checkpoint: %s is not a regular file", f.Name())
	}
	return read(f, st.Size())
}

// read tells the format of size bytes of r and reads what names the tensors.
func read(r io.ReaderAt, size int64) (*Checkpoint, error) {
	head := make([]byte, min(size, 512))
	if _, err := io.ReadFull(io.NewSectionReader(r, 0, size), head); err != nil {
		return nil, fault.New(fault.Input, "", "checkpoint: read the first %d bytes: %w", len(head), err)
	}
	c := &Checkpoint{}
	var err error
	switch {
	case len(head) > 8 && head[8] == '{': // no other format can have it there
		err = c.readSafetensors(r, size)
	case bytes.HasPrefix(head, []byte(zipMagic)):
		c.Format = "torch"
		c.tensors, err = readZip(r, size)
	case bytes.HasPrefix(head, []byte{0x80}):
		c.Format = "torch legacy"
		c.tensors, err = readLegacy(r, size)
	default:
		err = notACheckpoint(head)
	}
	if err == nil {
		err = c.finish(size)
	}
	if err != nil {
		hint := fault.HintOf(err)
		if errors.Is(err, pickle.ErrLimit) {
			hint = stateDictHint
		}
		return nil, fault.New(fault.Input, cmp.Or(hint, damagedHint), "checkpoint: %w", err)
	}
	return c, nil
}

// notACheckpoint says what the file is instead, where that is a common slip.
func notACheckpoint(head []byte) error {
	want := "want a .pth of torch.save or a .safetensors"
	switch {
	case len(head) == 0:
		return fault.New(fault.Input, "", "the file is empty, %s", want)
	case bytes.HasPrefix(head, []byte("version https://git-lfs")):
		return fault.New(fault.Input, "fetch the real file with git lfs pull", "a Git LFS pointer, %s", want)
	case bytes.HasPrefix(bytes.TrimSpace(head), []byte("<")):
		return fault.New(fault.Input, "the download gave a web page; fetch the file itself", "a web page or XML, %s", want)
	case len(head) > 262 && string(head[257:262]) == "ustar":
		return fault.New(fault.Input, "load and save it with any PyTorch since 0.2", "a tar archive, as PyTorch before 0.2 wrote: %s", want)
	}
	return fault.New(fault.Input, "give the model's checkpoint file", "not a checkpoint: it starts with %q, %s", head[:min(len(head), 8)], want)
}

func (c *Checkpoint) readSafetensors(r io.ReaderAt, size int64) error {
	f, err := safetensors.New(r, size)
	if err != nil {
		return err
	}
	c.Format, c.Metadata = "safetensors", f.Metadata
	for _, name := range f.Names() {
		info, _ := f.Info(name)
		section, err := f.Section(name)
		if err != nil {
			return err
		}
		c.tensors = append(c.tensors, &tensor{
			Info:   Info{name, info.DType, info.Shape},
			layout: contiguous(info.Shape),
			store:  &storage{key: name, data: section},
		})
	}
	return nil
}

// maxUnfold bounds the bytes of all tensors by those of the file. Tensors may
// share a storage (tied weights) or repeat it (expanded views); a file that
// says so too often would fill any disk.
const (
	maxUnfold      = 8
	maxUnfoldSmall = 64 << 20 // whatever the file's size
)

// finish checks each tensor against its storage and indexes them by name.
func (c *Checkpoint) finish(size int64) error {
	c.index = make(map[string]*tensor, len(c.tensors))
	left := maxUnfoldSmall + maxUnfold*size
	for _, t := range c.tensors {
		if err := t.check(); err != nil {
			return fmt.Errorf("tensor %q: %w", t.Name, err)
		}
		if left -= t.Bytes(); left < 0 {
			return fmt.Errorf("tensor %q: the tensors so far unfold to over %d times the file's %d bytes", t.Name, maxUnfold, size)
		}
		t.Name = strings.TrimPrefix(t.Name, "module.")
		if c.index[t.Name] != nil {
			return fmt.Errorf("tensor %q is there twice", t.Name)
		}
		c.index[t.Name] = t
	}
	return nil
}

// Close closes the file.
func (c *Checkpoint) Close() error {
	if c.closer == nil {
		return nil
	}
	return c.closer.Close()
}

// Names lists the tensors in the order of the file.
func (c *Checkpoint) Names() []string {
	names := make([]string, len(c.tensors))
	for i, t := range c.tensors {
		names[i] = t.Name
	}
	return names
}

// Info describes a tensor; false where there is none of that name.
func (c *Checkpoint) Info(name string) (Info, bool) {
	t := c.index[name]
	if t == nil {
		return Info{}, false
	}
	return t.Info, true
}

func (c *Checkpoint) tensor(name string) (*tensor, error) {
	t := c.index[name]
	if t == nil {
		return nil, fault.New(fault.Input, "", "checkpoint: no tensor %q among %d", name, len(c.tensors))
	}
	return t, nil
}

// Stream writes a tensor's elements to w: row-major without gaps, little-endian,
// in its own type, each write holding whole elements. A storage whose archive
// states a checksum is checked; on a mismatch the error comes after the bytes.
func (c *Checkpoint) Stream(name string, w io.Writer) error {
	t, err := c.tensor(name)
	if err != nil {
		return err
	}
	if err := t.emit(w); err != nil {
		return fmt.Errorf("checkpoint: tensor %q: %w", name, err)
	}
	return nil
}

// Floats reads a floating-point tensor, row-major, as float32; float64 is
// rounded.
func (c *Checkpoint) Floats(name string) ([]float32, error) {
	t, err := c.tensor(name)
	if err != nil {
		return nil, err
	}
	if !t.DType.Float() {
		return nil, fault.New(fault.Input, "", "checkpoint: tensor %q is %s, want floating-point numbers", name, t.DType)
	}
	floats := make([]float32, t.Bytes()/int64(t.DType.Size()))
	if err := c.Stream(name, &floatWriter{t.DType, floats}); err != nil {
		return nil, err
	}
	return floats, nil
}

// floatWriter widens whole elements into the slice left.
type floatWriter struct {
	dtype safetensors.DType
	left  []float32
}

func (w *floatWriter) Write(p []byte) (int, error) {
	safetensors.DecodeFloats(w.left, w.dtype, p)
	w.left = w.left[len(p)/w.dtype.Size():]
	return len(p), nil
}
