package video

import (
	"bytes"
	"compress/lzw"
	"context"
	"errors"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

// craft writes GIFs that image/gif would not: every disposal, interlacing,
// pictures that leave the canvas, missing palettes.
type craft struct {
	bytes.Buffer
}

func (c *craft) le16(v ...int) {
	for _, v := range v {
		c.Write([]byte{byte(v), byte(v >> 8)})
	}
}

func (c *craft) header(width, height int, palette []byte, background int) {
	c.WriteString("GIF89a")
	c.le16(width, height)
	c.Write([]byte{paletteFlags(palette), byte(background), 0})
	c.Write(palette)
}

// paletteFlags is the size field of a palette of 2, 4, 8 … 256 colours.
func paletteFlags(palette []byte) byte {
	for bits := range 8 {
		if len(palette) == 3*(2<<bits) {
			return 0x80 | byte(bits)
		}
	}
	return 0
}

func (c *craft) control(disposal, delay, transparent int) {
	flags := byte(disposal << 2)
	if transparent >= 0 {
		flags |= 1
	}
	c.Write([]byte{'!', 0xf9, 4, flags})
	c.le16(delay)
	c.Write([]byte{byte(transparent), 0})
}

func (c *craft) picture(left, top, width, height int, palette []byte, interlaced bool, pix []byte) {
	c.WriteByte(',')
	c.le16(left, top, width, height)
	flags := paletteFlags(palette)
	if interlaced {
		flags |= 0x40
	}
	c.WriteByte(flags)
	c.Write(palette)
	c.WriteByte(8)
	var packed bytes.Buffer
	w := lzw.NewWriter(&packed, lzw.LSB, 8)
	w.Write(pix)
	w.Close()
	for packed.Len() > 0 {
		block := packed.Next(255)
		c.WriteByte(byte(len(block)))
		c.Write(block)
	}
	c.WriteByte(0)
}

func (c *craft) trailer() { c.WriteByte(';') }

// randomGIF is a GIF of a few pictures that uses everything at once.
func randomGIF(seed uint64) []byte {
	rng := rand.New(rand.NewPCG(seed, 1))
	colours := func(n int) []byte {
		p := make([]byte, 3*n)
		for i := range p {
			p[i] = byte(rng.Uint32())
		}
		return p
	}
	var c craft
	width, height := 1+rng.IntN(40), 1+rng.IntN(40)
	var global []byte
	if rng.IntN(5) > 0 {
		global = colours(256)
	}
	c.header(width, height, global, rng.IntN(256))
	for range 1 + rng.IntN(20) {
		if rng.IntN(8) > 0 {
			transparent := -1
			if rng.IntN(2) == 0 {
				transparent = rng.IntN(4)
			}
			c.control(rng.IntN(5), rng.IntN(20), transparent)
		}
		if rng.IntN(6) == 0 {
			c.WriteString("!\xfe\x05hello\x03abc\x00")
		}
		left, top := rng.IntN(width), rng.IntN(height)
		w, h := 1+rng.IntN(width-left), 1+rng.IntN(height-top)
		if rng.IntN(10) == 0 {
			w, h = rng.IntN(width+3), rng.IntN(height+3) // may be empty or leave the canvas
		}
		local := []byte(nil)
		if global == nil || rng.IntN(3) == 0 {
			local = colours(256)
		}
		pix := make([]byte, w*h)
		for i := range pix {
			pix[i] = byte(rng.IntN(8))
		}
		c.picture(left, top, w, h, local, rng.IntN(3) == 0, pix)
	}
	c.trailer()
	return c.Bytes()
}

// everyFrame returns all frames of a GIF as Read sees them, before resizing.
func everyFrame(t *testing.T, data []byte) []byte {
	t.Helper()
	times, _, err := scanGIF(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	g, err := newGIFReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	c := newCanvas(g)
	var all []byte
	for shown := 0; shown < len(times); {
		p, err := g.next()
		if err != nil {
			t.Fatal(err)
		}
		c.paint(p, g)
		if p.check(g) == nil {
			all = append(all, c.pix...)
			shown++
		}
	}
	return all
}

// goldenGIFs are the SHA-256 of all frames of randomGIF(0), (1), … as ffmpeg
// 5.1.9 decodes them to rgb24, first eight bytes.
var goldenGIFs = strings.Fields(`
644a99585b0ac3a4 c7a91881d4573c00 06f80baf0f259244 c23bdc6a243453c2 f8157304130ceec3 de7880c70cac736b
dbbc6d7619c121ec 7707b9f6ff474831 e7e595ef9c6d793f 51ae2c44ad3eba77 72b5b19211e376f9 15dad40e3176d5b8
c05e803267dc34fe ceb301c92a5d6893 f7b9c45169d87ad2 a5345e891e88ade9 f59eacc2709fc89b 10e776fff5451b3d
cd68d71762000508 f5915097d1f5550c f8fe41a89a7934b7 be2c7e00d76907cb 3ac3eb95b2c34d98 429f32d2342d3671
2fb23f496f6c7d9b 964101a000288db7 3c871c475a84b589 5803b31c8f7d10c1 5296f848ad2dee4b a7b0ec134ae61f7b
7a61dc57c9a2f38d 63530e8d49bbd5f8 b3abb29712772d4a c26aa869a510fc17 a190317acbffc260 932dbad7548fc14c
bdfc0645ec6f6f13 2cfec6cb06663924 e54f8aac28c875c5 46fc3811c859a9d7
`)

func TestGIFGolden(t *testing.T) {
	for seed, want := range goldenGIFs {
		if got := sha(everyFrame(t, randomGIF(uint64(seed))))[:16]; got != want {
			t.Errorf("GIF %d: frames %s, want %s", seed, got, want)
		}
	}
}

// The same against the ffmpeg at hand, with whole, cut and damaged files.
func TestGIFEqualsFFmpeg(t *testing.T) {
	d := needFFmpeg(t)
	for seed := range uint64(15) {
		data := randomGIF(1000 + seed)
		rng := rand.New(rand.NewPCG(seed, 2))
		switch body := min(900, len(data)/2); seed % 3 {
		case 1:
			data = data[:body+rng.IntN(len(data)-body)]
		case 2:
			for range 3 {
				data[body+rng.IntN(len(data)-body)] ^= 1 << rng.IntN(8)
			}
		}
		times, g, err := scanGIF(bytes.NewReader(data))
		if err != nil {
			continue // its class is tested elsewhere
		}
		path := write(t, "a.gif", data)
		want := fullDecode(t, path)
		got := everyFrame(t, data)
		if at := firstDifference(got, want); at >= 0 {
			size := g.width * g.height * 3
			t.Errorf("GIF %d, %d×%d: %d frames, ffmpeg has %d, first difference in frame %d", 1000+seed, g.width, g.height, len(times), len(want)/size, at/size)
		}
		if seed == 0 {
			checkFullDecode(t, d, path, Options{})
		}
	}
}

func TestGIFTimes(t *testing.T) {
	var c craft
	c.header(2, 2, make([]byte, 12), 0)
	for _, delay := range []int{50, 0, 1, 2, 100} {
		c.control(0, delay, -1)
		c.picture(0, 0, 2, 2, nil, false, make([]byte, 4))
	}
	c.trailer()
	times, _, err := scanGIF(bytes.NewReader(c.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	// A delay under 1/50 s means 1/10 s, as in ffmpeg and in browsers.
	if want := []float64{0, 0.5, 0.6, 0.7, 0.72}; !slices.Equal(times, want) {
		t.Errorf("times %v, want %v", times, want)
	}
}

func TestGIFRefused(t *testing.T) {
	d := NewDecoder(DecoderOptions{})
	header := func(w, h int) []byte {
		var c craft
		c.header(w, h, make([]byte, 6), 0)
		return c.Bytes()
	}
	for name, c := range map[string]struct {
		data []byte
		want Class
	}{
		"header only":    {header(8, 8), ZeroFrames},
		"half a header":  {[]byte("GIF89a\x08\x00"), TruncatedHeader},
		"half a palette": {header(8, 8)[:15], TruncatedHeader},
		"empty canvas":   {header(0, 8), TruncatedHeader},
		"huge canvas":    {header(65535, 65535), SizeLimit},
	} {
		t.Run(name, func(t *testing.T) { checkClass(t, d, write(t, "a.gif", c.data), c.want) })
	}
}

// Many pictures of one canvas must not cost the memory of many canvases.
func TestGIFMemory(t *testing.T) {
	var c craft
	c.header(2000, 2000, make([]byte, 6), 0)
	pix := make([]byte, 2000*2000)
	for range 30 {
		c.control(toPrevious, 2, -1)
		c.picture(0, 0, 2000, 2000, nil, false, pix)
	}
	path := write(t, "bomb.gif", c.Bytes())
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	clip, err := NewDecoder(DecoderOptions{}).Read(context.Background(), path, Options{Timeout: time.Hour})
	runtime.ReadMemStats(&after)
	if err != nil || clip.Valid != 12 {
		t.Fatal(err)
	}
	if used := after.TotalAlloc - before.TotalAlloc; used > 60<<20 {
		t.Errorf("%d MB allocated for a canvas of 12 MB", used>>20)
	}
}

func TestGIFStops(t *testing.T) {
	path := write(t, "a.gif", randomGIF(3))
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	d := NewDecoder(DecoderOptions{})
	var e *Error
	if _, err := d.Read(ctx, path, Options{}); !errors.Is(err, context.Canceled) || errors.As(err, &e) {
		t.Errorf("cancelled: got %v", err)
	}
	if _, err := d.Read(context.Background(), path, Options{Timeout: 1}); !errors.As(err, &e) || e.Class != DecodeTimeout {
		t.Errorf("out of time: got %v", err)
	}
}

func FuzzGIF(f *testing.F) {
	for seed := range uint64(8) {
		f.Add(randomGIF(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		times, g, err := scanGIF(bytes.NewReader(data))
		if err != nil {
			var e *Error
			if !errors.As(err, &e) {
				t.Fatalf("no class: %v", err)
			}
			return
		}
		if g.width*g.height > 1<<16 || len(times) > 100 {
			return // slow, not different
		}
		b := &builder{options: Options{Recipe: Eval, Frames: 4, Size: 8}}
		p, err := makePlan(times, b.options)
		if err != nil {
			t.Fatal(err)
		}
		b.begin(p)
		if err := paintGIF(context.Background(), bytes.NewReader(data), p.unique(), b, time.Minute); err != nil {
			t.Fatalf("%d pictures were counted, then: %v", len(times), err)
		}
	})
}

func BenchmarkReadGIF(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 1))
	var c craft
	palette := make([]byte, 768)
	for i := range palette {
		palette[i] = byte(rng.Uint32())
	}
	c.header(320, 240, palette, 0)
	pix := make([]byte, 320*240)
	for n := range 48 {
		for i := range pix {
			pix[i] = byte(i/7 + n)
		}
		c.picture(0, 0, 320, 240, nil, false, pix)
	}
	path := write(b, "a.gif", c.Bytes())
	d := NewDecoder(DecoderOptions{})
	for b.Loop() {
		if _, err := d.Read(context.Background(), path, Options{}); err != nil {
			b.Fatal(err)
		}
	}
}
