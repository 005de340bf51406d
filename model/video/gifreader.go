package video

import (
	"bufio"
	"compress/lzw"
	"errors"
	"fmt"
	"io"

	"framepilot/internal/words"
)

// gifReader walks the blocks of a GIF (GIF89a specification, W3C).
type gifReader struct {
	r             *bufio.Reader
	width, height int
	palette       *[256][3]byte // global; nil where there is none
	background    [3]byte
	control       gifControl // for the next picture
	broken        error      // what is damaged, where something is
}

// gifControl is a graphic control extension.
type gifControl struct {
	disposal    int // what becomes of the picture before the next is drawn
	transparent int // palette entry that leaves the canvas alone; -1 for none
	delay       int // in 1/100 s
}

// Disposal methods; 0 and 1 leave the picture.
const (
	toBackground = 2
	toPrevious   = 3
)

// gifPicture is the description of one picture; its pixels follow it.
type gifPicture struct {
	gifControl
	left, top, width, height int
	interlaced               bool
	palette                  *[256][3]byte
	bits                     int // of the smallest LZW code, less one
}

// check says why a picture can't be drawn at all. Such a picture is not
// counted, as ffmpeg does not show it.
func (p gifPicture) check(g *gifReader) error {
	switch {
	case p.palette == nil:
		return errNoPalette
	case p.left >= g.width || p.top >= g.height:
		return errGIFOutside
	case p.bits < 2 || p.bits > 8:
		return fmt.Errorf("codes of %d bits", p.bits)
	}
	return nil
}

func newGIFReader(r io.Reader) (*gifReader, error) {
	g := &gifReader{r: bufio.NewReader(r)}
	var head [13]byte
	if _, err := io.ReadFull(g.r, head[:]); err != nil {
		return nil, &Error{Class: TruncatedHeader, Detail: words.Say("the file ends in its header")}
	}
	if !isGIF(head[:]) {
		return nil, &Error{Class: NotMedia, Detail: words.Say("not a GIF")}
	}
	g.width, g.height = le16(head[6:]), le16(head[8:])
	if g.width == 0 || g.height == 0 {
		return g, &Error{Class: TruncatedHeader, Detail: words.Say("a canvas of %d×%d", g.width, g.height)}
	}
	if g.width*g.height > maxGIFPixels {
		return g, &Error{Class: SizeLimit, Detail: words.Say("a canvas of %d×%d, more than %d pixels", g.width, g.height, maxGIFPixels)}
	}
	var err error
	if g.palette, err = g.readPalette(head[10]); err != nil {
		return g, &Error{Class: TruncatedHeader, Detail: words.Say("the file ends in its palette")}
	}
	if g.palette != nil {
		g.background = g.palette[head[11]]
	}
	g.control.transparent = -1
	return g, nil
}

func le16(b []byte) int { return int(b[0]) | int(b[1])<<8 }

// readPalette reads the palette that flags announce, if they do.
func (g *gifReader) readPalette(flags byte) (*[256][3]byte, error) {
	if flags&0x80 == 0 {
		return nil, nil
	}
	p := new([256][3]byte)
	for i := range 2 << (flags & 7) {
		if _, err := io.ReadFull(g.r, p[i][:]); err != nil {
			return nil, err
		}
	}
	return p, nil
}

var (
	errGIFCut     = errors.New("the file ends within a block")
	errGIFBlock   = errors.New("unknown block")
	errNoPalette  = errors.New("no palette")
	errGIFOutside = errors.New("outside the canvas")
)

// next returns the next picture; skip or pixels must follow. It returns
// io.EOF after the last one, and sets broken where that is not the trailer.
func (g *gifReader) next() (gifPicture, error) {
	for {
		block, err := g.r.ReadByte()
		if err != nil {
			return gifPicture{}, io.EOF // many GIFs lack the trailer
		}
		switch block {
		case '!':
			err = g.extension()
		case ',':
			var p gifPicture
			if p, err = g.picture(); err == nil {
				return p, nil
			}
		case ';':
			return gifPicture{}, io.EOF
		default:
			err = errGIFBlock
		}
		if err != nil {
			g.broken = err
			return gifPicture{}, io.EOF
		}
	}
}

func (g *gifReader) extension() error {
	label, err := g.r.ReadByte()
	if err != nil {
		return errGIFCut
	}
	if label != 0xf9 {
		return g.skip()
	}
	var control [5]byte
	if _, err := io.ReadFull(g.r, control[:]); err != nil || control[0] != 4 {
		return errGIFCut
	}
	g.control = gifControl{disposal: int(control[1] >> 2 & 7), transparent: -1, delay: le16(control[2:])}
	if control[1]&1 != 0 {
		g.control.transparent = int(control[4])
	}
	return g.skip()
}

func (g *gifReader) picture() (gifPicture, error) {
	var d [9]byte
	if _, err := io.ReadFull(g.r, d[:]); err != nil {
		return gifPicture{}, errGIFCut
	}
	p := gifPicture{gifControl: g.control, left: le16(d[0:]), top: le16(d[2:]), width: le16(d[4:]), height: le16(d[6:]), interlaced: d[8]&0x40 != 0}
	// ffmpeg and browsers show pictures without a sensible delay for 1/10 s.
	if p.delay < 2 {
		p.delay = 10
	}
	g.control = gifControl{transparent: -1} // it holds for one picture
	var err error
	if p.palette, err = g.readPalette(d[8]); err != nil {
		return p, errGIFCut
	}
	if p.palette == nil {
		p.palette = g.palette
	}
	bits, err := g.r.ReadByte()
	if _, cut := g.r.Peek(1); err != nil || cut != nil {
		return p, errGIFCut
	}
	p.bits = int(bits)
	return p, nil
}

// skip passes over sub-blocks up to and with their terminator.
func (g *gifReader) skip() error {
	blocks := subBlocks{r: g.r}
	if _, err := io.Copy(io.Discard, &blocks); err != nil {
		return errGIFCut
	}
	return nil
}

// subBlocks reads the chain of blocks, each led by its length, as one stream.
type subBlocks struct {
	r    *bufio.Reader
	left int
	end  bool
}

func (s *subBlocks) Read(p []byte) (int, error) {
	if s.end {
		return 0, io.EOF
	}
	if s.left == 0 {
		n, err := s.r.ReadByte()
		if err != nil {
			return 0, io.ErrUnexpectedEOF
		}
		if n == 0 {
			s.end = true
			return 0, io.EOF
		}
		s.left = int(n)
	}
	n, err := s.r.Read(p[:min(len(p), s.left)])
	s.left -= n
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return n, err
}

// ReadByte spares the LZW reader a buffer that would read too far.
func (s *subBlocks) ReadByte() (byte, error) {
	var b [1]byte
	_, err := io.ReadFull(s, b[:])
	return b[0], err
}

// pixels decodes the palette entries that follow a picture, row by row, and
// gives each row to draw, until the data end or are damaged.
func (g *gifReader) pixels(p gifPicture, draw func(row []byte)) error {
	blocks := &subBlocks{r: g.r}
	codes := lzw.NewReader(blocks, lzw.LSB, p.bits)
	defer codes.Close()
	var damage error
	row := make([]byte, p.width)
	for range p.height {
		if _, damage = io.ReadFull(codes, row); damage != nil {
			break
		}
		draw(row)
	}
	if _, err := io.Copy(io.Discard, blocks); err != nil {
		return errGIFCut
	}
	return damage
}
