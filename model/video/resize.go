package video

// resizer makes frames of a recipe, width × height RGB in, size × size RGB out,
// bit for bit what Pillow 9 to 12 makes of them in the published code: all of
// one size. It is not safe for concurrent use.
type resizer struct {
	width, height int // of the frames that go in
	size          int // side of the frames that come out

	columns, rows []int // Eval: the source column and row of each pixel

	horizontal, vertical *filter // Features; nil where the axis keeps its size
	between              []byte  // (height, size, 3) after the horizontal pass
}

func newResizer(r Recipe, width, height, size int) *resizer {
	if width < 1 || height < 1 || size < 1 {
		panic("video: resize to or from an empty frame")
	}
	z := &resizer{width: width, height: height, size: size}
	if r == Features {
		z.horizontal, z.vertical = newFilter(width, size), newFilter(height, size)
		if z.horizontal != nil && z.vertical != nil {
			z.between = make([]byte, height*size*3)
		}
		return z
	}
	w, h := evalSize(width, height, size)
	z.columns = nearest(width, w, cropOffset(w, size), size)
	z.rows = nearest(height, h, cropOffset(h, size), size)
	return z
}

// frame writes the resized src to dst.
func (z *resizer) frame(dst, src []byte) {
	if len(src) != z.width*z.height*3 || len(dst) != z.size*z.size*3 {
		panic("video: resize: a buffer is not width × height × 3")
	}
	if z.columns != nil {
		z.pick(dst, src)
		return
	}
	switch {
	case z.horizontal == nil && z.vertical == nil:
		copy(dst, src)
	case z.vertical == nil:
		z.horizontal.alongRows(dst, src, z.width)
	case z.horizontal == nil:
		z.vertical.alongColumns(dst, src, z.size)
	default:
		z.horizontal.alongRows(z.between, src, z.width)
		z.vertical.alongColumns(dst, z.between, z.size)
	}
}

func (z *resizer) pick(dst, src []byte) {
	i := 0
	for _, y := range z.rows {
		row := src[y*z.width*3 : (y+1)*z.width*3]
		for _, x := range z.columns {
			dst[i], dst[i+1], dst[i+2] = row[3*x], row[3*x+1], row[3*x+2]
			i += 3
		}
	}
}

// evalSize is the size Eval resizes to before it crops: short side
// 12·size/10 (268 for 224), long side in proportion, rounded down.
func evalSize(width, height, size int) (w, h int) {
	short := 12 * size / 10
	switch {
	case min(width, height) == short:
		return width, height
	case width < height:
		return short, short * height / width
	}
	return short * width / height, short
}

// cropOffset is Python's round((n - size) / 2): half goes to the even side.
func cropOffset(n, size int) int {
	d := n - size
	return d/2 + d%2*(d/2%2)
}

// nearest returns, for the pixels first..first+count-1 of an axis resized
// from in to out pixels, the source pixel of each.
//
// Pillow adds up the position instead of multiplying it, and the rounding of
// the running sum decides in a tenth of all sizes; so must we.
func nearest(in, out, first, count int) []int {
	step := float64(in) / float64(out)
	at := step * 0.5
	index := make([]int, 0, count)
	for i := range first + count {
		if i >= first {
			index = append(index, int(at))
		}
		at += step
	}
	return index
}
