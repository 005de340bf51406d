package video

import (
	"context"
	"fmt"
	"io"
	"os"
	"time"

	"framepilot/internal/words"
)

// maxGIFPixels bounds the canvas, and so the memory, of a GIF: 4096 × 4096.
const maxGIFPixels = 1 << 24

// readGIF reads a GIF in Go: once to count its pictures and their times, once
// to paint them in order up to the last one wanted. It holds one canvas,
// whatever the file claims, and equals ffmpeg's frames bit for bit.
func readGIF(ctx context.Context, path string, b *builder) error {
	f, err := os.Open(path)
	if err != nil {
		return &Error{Class: Unreadable, Err: err}
	}
	defer f.Close()
	times, g, err := scanGIF(f)
	if g != nil {
		b.codec, b.width, b.height = "gif", g.width, g.height
	}
	if err != nil {
		return err
	}
	b.packets, b.frames = len(times), len(times)
	if g.broken != nil {
		b.clip.Degraded, b.clip.Reason = true, ReasonDamage
		b.warn(fmt.Sprintf("damaged, sampled among the %d pictures that can be read: %v", len(times), g.broken))
	}
	b.seconds = duration(times)
	p, err := makePlan(times, b.options)
	if err != nil {
		return err
	}
	b.warn(p.warnings...)
	b.begin(p)
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return &Error{Class: Unreadable, Err: err}
	}
	limit := b.options.limit(len(times), g.width*g.height)
	return paintGIF(ctx, f, p.unique(), b, limit)
}

// scanGIF returns the time of every picture in seconds, without decoding any.
func scanGIF(r io.Reader) ([]float64, *gifReader, error) {
	g, err := newGIFReader(r)
	if err != nil {
		return nil, g, err
	}
	var times []float64
	now := 0
	for {
		p, err := g.next()
		if err == io.EOF {
			break
		}
		if len(times) == maxPackets {
			return nil, g, &Error{Class: ResourceLimit, Err: errTooManyPackets}
		}
		if err := g.skip(); err != nil {
			g.broken = err // and ffmpeg shows no picture that is cut short
			break
		}
		if err := p.check(g); err != nil {
			g.broken = err
		} else {
			times = append(times, float64(now)/100)
		}
		now += p.delay
	}
	if len(times) == 0 {
		return nil, g, &Error{Class: ZeroFrames, Detail: words.Say("no picture in it"), Err: g.broken}
	}
	return times, g, nil
}

// paintGIF puts the wanted pictures, which are numbers in rising order.
func paintGIF(ctx context.Context, r io.Reader, want []int, b *builder, limit time.Duration) error {
	g, err := newGIFReader(r)
	if err != nil {
		return err
	}
	deadline := time.Now().Add(limit)
	c := newCanvas(g)
	for n := 0; len(want) > 0; {
		if err := ctx.Err(); err != nil {
			return err
		}
		if time.Now().After(deadline) {
			return &Error{Class: DecodeTimeout, Detail: words.Say("not decoded in %v", limit)}
		}
		p, err := g.next()
		if err != nil {
			return &Error{Class: Unreadable, Detail: words.Say("the file changed while it was read")}
		}
		damage := c.paint(p, g)
		if damage != nil && b.clip.Reason == "" {
			b.clip.Reason = ReasonDamage
			b.warn(fmt.Sprintf("damaged: picture %d: %v", n, damage))
		}
		if p.check(g) != nil {
			continue // it is not counted as a picture
		}
		if n == want[0] {
			b.put(n, frame{c.pix, c.width, c.height})
			want = want[1:]
		}
		n++
	}
	return nil
}
