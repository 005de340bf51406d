package backendtest

import (
	"fmt"
	"testing"

	"framepilot/model/backend"
)

// frameCase is one shape of a clip batch.
type frameCase struct {
	B, T, image, patch, D int
	valid                 []int
	keep                  [][]int
}

func (s *suite) frameCases() []frameCase {
	return []frameCase{
		{B: 1, T: 1, image: 4, patch: 4, D: 5},
		{B: 2, T: 3, image: 8, patch: 4, D: 6, valid: []int{3, 1}},
		{B: 2, T: 4, image: 21, patch: 7, D: 10, keep: [][]int{{0, 8, 3}, {7, 1, 2}}},
	}
}

func (c frameCase) patches() int {
	if c.keep != nil {
		return len(c.keep[0])
	}
	return (c.image / c.patch) * (c.image / c.patch)
}

func (s *suite) patchEmbed(t *testing.T) {
	for _, c := range s.frameCases() {
		p := backend.Patches{Image: c.image, Patch: c.patch, Valid: c.valid, Keep: c.keep,
			Mean: [3]float32{.485, .456, .406}, Std: [3]float32{.229, .224, .225}}
		n, in, S, grid := c.patches(), 3*c.patch*c.patch, c.image, c.image/c.patch
		pix := make([]uint8, c.B*c.T*S*S*3)
		for i := range pix {
			pix[i] = uint8(s.rng.UintN(256))
		}
		vals := make([]float32, len(pix)) // the same frames, normalised, channels first
		for bt := range c.B * c.T {
			for ch := range 3 {
				for at := range S * S {
					v := (float64(pix[(bt*S*S+at)*3+ch])/255 - float64(p.Mean[ch])) / float64(p.Std[ch])
					vals[(bt*3+ch)*S*S+at] = float32(v)
				}
			}
		}
		w := s.random(c.D * in)
		want := make([]float64, c.B*c.T*n*c.D)
		for row := range c.B * c.T * n {
			bt, at := row/n, row%n
			b, frame := bt/c.T, bt%c.T
			if c.valid != nil && frame >= c.valid[b] {
				continue
			}
			if c.keep != nil {
				at = c.keep[b][at]
			}
			for d := range c.D {
				for k := range in {
					ch, y, x := k/(c.patch*c.patch), at/grid*c.patch+k/c.patch%c.patch, at%grid*c.patch+k%c.patch
					want[row*c.D+d] += float64(w[d*in+k]) * float64(vals[((bt*3+ch)*S+y)*S+x])
				}
			}
		}
		conv := s.pack(t, in, c.D, w, nil)
		frames := s.q.New(backend.U8, c.B, c.T, S, S, 3)
		s.q.UploadU8(frames, 0, pix[:len(pix)/2])
		s.q.UploadU8(frames, len(pix)/2, pix[len(pix)/2:])
		dst := s.poisoned(backend.F32, c.B*c.T*n, c.D)
		s.q.PatchEmbed(dst, frames, conv, p)
		s.check(t, fmt.Sprintf("bytes %+v", c), dst, want)
		dst = s.poisoned(backend.F32, c.B*c.T*n, c.D)
		s.q.PatchEmbed(dst, s.up(vals, c.B, c.T, 3, S, S), conv, p)
		s.check(t, fmt.Sprintf("floats %+v", c), dst, want)
	}
}

func (s *suite) assemble(t *testing.T) {
	for _, c := range s.frameCases() {
		n, P := c.patches(), (c.image/c.patch)*(c.image/c.patch)
		g := backend.Geometry{Clips: c.B, Frames: c.T, Patches: n}
		N := g.Tokens()
		x, cls, pos, when := s.random(c.B*c.T*n*c.D), s.random(c.D), s.random((P+1)*c.D), s.random((c.T+1)*c.D)
		ln, norm := s.norm(t, c.D)
		want := make([]float64, c.B*N*c.D)
		for row := range c.B * N {
			b, token := row/N, row%N
			out := want[row*c.D : (row+1)*c.D]
			for d := range out {
				if token == 0 {
					out[d] = float64(cls[d]) + float64(pos[d])
					continue
				}
				frame, at := (token-1)/n, (token-1)%n
				if c.keep != nil {
					at = c.keep[b][at]
				}
				out[d] = float64(x[(b*(N-1)+token-1)*c.D+d]) + float64(pos[(1+at)*c.D+d]) + float64(when[frame*c.D+d])
			}
			norm(out)
		}
		dst := s.poisoned(backend.F32, c.B*N, c.D)
		s.q.AssembleTokens(dst, s.up(x, c.B*c.T*n, c.D), s.weight(t, cls, c.D), s.weight(t, pos, P+1, c.D),
			s.weight(t, when, c.T+1, c.D), ln, g, backend.Patches{Image: c.image, Patch: c.patch, Keep: c.keep})
		s.check(t, fmt.Sprintf("%+v", c), dst, want)
	}
}

func (s *suite) textEmbed(t *testing.T) {
	const D, vocab, length = 6, 11, 5
	table, pos := s.random(vocab*D), s.random((length+2)*D)
	ids := []int32{0, 10, 3, 3, 1, 7, 2, 9, 10, 0}
	want := make([]float64, len(ids)*D)
	for i, id := range ids {
		for d := range D {
			want[i*D+d] = float64(table[int(id)*D+d]) + float64(pos[i%length*D+d])
		}
	}
	all := s.poisoned(backend.F32, len(ids), D)
	s.q.EmbedTokens(all, ids, s.weight(t, table, vocab, D), s.weight(t, pos, length+2, D), length)
	rows := []int{9, 0, 4, 4}
	picked := s.poisoned(backend.F32, len(rows), D)
	s.q.Gather(picked, all, rows)
	var wantRows []float64
	for _, r := range rows {
		wantRows = append(wantRows, want[r*D:(r+1)*D]...)
	}
	s.check(t, "gather", picked, wantRows)
	all = s.poisoned(backend.F32, len(ids), D)
	s.q.EmbedTokens(all, ids, s.weight(t, table, vocab, D), s.weight(t, pos, length+2, D), length)
	s.check(t, "embed tokens", all, want)
}
