package probe

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"hash"
	"math"
)

// Digest is the SHA-256 of all of f, to the last bit.
func (f Features) Digest() []byte {
	h := sha256.New()
	fmt.Fprintf(h, "%q %v %q %q %q %v\n", f.IDs, f.Labels, f.Groups, f.Sites, f.Classes, f.LogitScale())
	if f.Videos != nil {
		fmt.Fprintf(h, "%q\n", f.Videos)
	}
	if f.Truth != nil {
		fmt.Fprintf(h, "%v\n", f.Truth)
	}
	hashMatrix(h, f.X)
	hashMatrix(h, f.Text)
	return h.Sum(nil)
}

func hashMatrix(h hash.Hash, m Matrix) {
	b := binary.LittleEndian.AppendUint64(nil, uint64(m.Cols))
	for i := range m.Rows {
		for _, v := range m.Row(i) {
			b = binary.LittleEndian.AppendUint32(b, math.Float32bits(v))
		}
		h.Write(b)
		b = b[:0]
	}
	h.Write(b) // of no rows
}
