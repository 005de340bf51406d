package checkpoint

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"os"

	"framepilot/internal/fault"
	"framepilot/internal/safetensors"
)

// ConvertOptions says what Convert writes. The zero value keeps everything.
type ConvertOptions struct {
	DType    string                  // "keep" or "bf16", which narrows floating-point tensors; "" means keep
	Metadata map[string]string       // of the new file
	Tensors  []string                // which; nil means all
	Progress func(done, total int64) // bytes of the new file; may be nil
}

// CheckDType refuses, by a fault.Usage, what ConvertOptions.DType cannot be.
func CheckDType(name string) error {
	switch name {
	case "", "keep", "bf16":
		return nil
	}
	return fault.New(fault.Usage, "use keep or bf16", "checkpoint: no element type %q", name)
}

// Convert writes tensors of c to a new safetensors file, atomically, one piece
// of a tensor in memory at a time. Where ctx ends or a tensor is damaged, no
// file is left behind.
func Convert(ctx context.Context, c *Checkpoint, dst string, o ConvertOptions) error {
	if err := CheckDType(o.DType); err != nil {
		return err
	}
	names := o.Tensors
	if names == nil {
		names = c.Names()
	}
	entries := make([]safetensors.Entry, len(names))
	for i, name := range names {
		t, err := c.tensor(name)
		if err != nil {
			return err
		}
		narrow := o.DType == "bf16" && t.DType.Float() && t.DType != safetensors.BF16
		e := safetensors.Entry{Name: name, DType: t.DType, Shape: t.Shape}
		if narrow {
			e.DType = safetensors.BF16
		}
		e.Write = func(w io.Writer) error {
			w = contextWriter{ctx, w}
			if narrow {
				w = &bf16Writer{w: w, from: t.DType}
			}
			return t.emit(w)
		}
		entries[i] = e
	}
	if err := safetensors.Write(dst, o.Metadata, entries, o.Progress); err != nil {
		return fmt.Errorf("checkpoint: convert: %w", err)
	}
	return nil
}

// contextWriter stops when its context ends.
type contextWriter struct {
	ctx context.Context
	w   io.Writer
}

func (c contextWriter) Write(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.w.Write(p)
}

// bf16Writer narrows whole elements to bfloat16, by way of float32 as PyTorch
// does.
type bf16Writer struct {
	w      io.Writer
	from   safetensors.DType
	floats []float32
	out    []byte
}

func (b *bf16Writer) Write(p []byte) (int, error) {
	n := len(p) / b.from.Size()
	if len(b.floats) < n {
		b.floats, b.out = make([]float32, n), make([]byte, 0, 2*n)
	}
	safetensors.DecodeFloats(b.floats, b.from, p)
	b.out = b.out[:0]
	for _, f := range b.floats[:n] {
		b.out = binary.LittleEndian.AppendUint16(b.out, safetensors.Float32ToBFloat16(f))
	}
	if _, err := b.w.Write(b.out); err != nil {
		return 0, err
	}
	return len(p), nil
}

// SHA256 is the hexadecimal SHA-256 of a file. progress, if not nil, hears of
// the bytes read.
func SHA256(ctx context.Context, path string, progress func(done, total int64)) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", fault.New(fault.Missing, "", "checkpoint: %w", err)
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		return "", fault.New(fault.Input, "", "checkpoint: %w", err)
	}
	sum := sha256.New()
	buf := make([]byte, copyBuffer)
	for done := int64(0); ; {
		if err := ctx.Err(); err != nil {
			return "", fmt.Errorf("checkpoint: checksum of %s: %w", path, err)
		}
		n, err := f.Read(buf)
		sum.Write(buf[:n])
		if done += int64(n); progress != nil && n > 0 {
			progress(done, st.Size())
		}
		if err == io.EOF {
			return hex.EncodeToString(sum.Sum(nil)), nil
		}
		if err != nil {
			return "", fault.New(fault.Input, "", "checkpoint: checksum of %s: %w", path, err)
		}
	}
}
