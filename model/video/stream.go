package video

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"framepilot/internal/words"
)

// pick chooses the video stream: the k-th where k is not 0, else the only
// one, else the default one, the largest, the one of most bits. Cover
// pictures don't count. The second result says what there was to choose.
func (p *probed) pick(k int) (*stream, string, error) {
	var videos []*stream
	for i := range p.streams {
		if p.streams[i].Disposition.AttachedPic == 0 {
			videos = append(videos, &p.streams[i])
		}
	}
	if len(videos) == 0 {
		return nil, "", &Error{Class: NoVideoStream, Detail: words.Say("no video stream in it (%s)", p.format)}
	}
	if k > len(videos) {
		return nil, "", &Error{Class: NoVideoStream, Detail: words.Say("asked for video stream %d, it has %d", k, len(videos)),
			Hint: words.Say("choose a stream that exists, or leave the choice to the program")}
	}
	best := slices.MaxFunc(videos, func(a, b *stream) int {
		return cmp.Or(
			cmp.Compare(a.Disposition.Default, b.Disposition.Default),
			cmp.Compare(a.Width*a.Height, b.Width*b.Height),
			cmp.Compare(a.bitRate(), b.bitRate()))
	})
	chosen := best
	if k > 0 {
		chosen = videos[k-1]
	}
	if len(videos) == 1 {
		return chosen, "", nil
	}
	note := fmt.Sprintf("%d video streams: took number %d, %d×%d", len(videos), slices.Index(videos, chosen)+1, chosen.Width, chosen.Height)
	if chosen != best {
		note += ", not the default choice"
	}
	return chosen, note, nil
}

func (s *stream) bitRate() int { n, _ := strconv.Atoi(s.BitRate); return n }

// check turns away a stream that can't or mustn't be decoded.
func (s *stream) check() error {
	switch {
	case s.Codec == "" || s.Codec == "unknown" || s.Codec == "none":
		return &Error{Class: UnsupportedCodec, Detail: words.Say("a codec that this ffmpeg does not know")}
	case s.Width*s.Height > maxPixels:
		return &Error{Class: SizeLimit, Detail: words.Say("pictures of %d×%d, more than %d pixels", s.Width, s.Height, maxPixels)}
	case len(s.packets) == 0:
		return &Error{Class: ZeroFrames, Detail: words.Say("the video stream is empty")}
	}
	return nil
}

// upright is the size after rotation by a multiple of 90 degrees.
func (s *stream) upright() (width, height int) {
	for _, d := range s.SideData {
		if math.Mod(math.Abs(d.Rotation), 180) == 90 {
			return s.Height, s.Width
		}
	}
	return s.Width, s.Height
}

// timeline is when the frames of a stream are shown, in order.
type timeline struct {
	pts     []int64   // in time base units; nil where packets don't tell
	seconds []float64 // after the first frame
	key     []bool    // decoding can start at this frame
}

// timeline sorts the packets that are shown. Where one of them lacks a
// presentation time, the frames are taken to be evenly spaced.
func (s *stream) timeline(fallbackRate float64) timeline {
	shown := make([]packet, 0, len(s.packets))
	known := true
	for _, p := range s.packets {
		if !p.hidden {
			shown = append(shown, p)
			known = known && p.pts != noPTS
		}
	}
	if !known {
		return timeline{seconds: s.even(len(shown), fallbackRate)}
	}
	slices.SortStableFunc(shown, func(a, b packet) int { return cmp.Compare(a.pts, b.pts) })
	t := timeline{pts: make([]int64, len(shown)), key: make([]bool, len(shown))}
	for i, p := range shown {
		t.pts[i], t.key[i] = p.pts, p.key
	}
	if len(shown) > 0 {
		t.seconds = s.seconds(t.pts, t.pts[0])
	}
	return t
}

// even spaces n frames by the stream's mean rate.
func (s *stream) even(n int, fallbackRate float64) []float64 {
	rate, ok := ratio(s.AvgFrameRate)
	if !ok {
		rate = fallbackRate
	}
	times := make([]float64, n)
	for i := range times {
		times[i] = float64(i) / rate
	}
	return times
}

// seconds turns presentation times into seconds after origin.
func (s *stream) seconds(pts []int64, origin int64) []float64 {
	unit, ok := ratio(s.TimeBase)
	if !ok {
		unit = 1
	}
	times := make([]float64, len(pts))
	for i, p := range pts {
		times[i] = float64(p-origin) * unit
	}
	return times
}

// ratio reads "30000/1001".
func ratio(text string) (float64, bool) {
	above, below, _ := strings.Cut(text, "/")
	a, err1 := strconv.ParseFloat(above, 64)
	b, err2 := strconv.ParseFloat(below, 64)
	r := a / b
	return r, err1 == nil && err2 == nil && r > 0 && !math.IsInf(r, 0)
}

// reasons lists what in the container itself keeps the published reader from
// giving the true frames.
func (p *probed) reasons(s *stream) []string {
	var why []string
	if p.format == "mpegts" {
		why = append(why, ReasonTS)
	}
	if slices.ContainsFunc(s.packets, func(k packet) bool { return k.hidden }) {
		why = append(why, ReasonEditList)
	}
	if slices.ContainsFunc(s.packets, func(k packet) bool { return k.pts == noPTS }) {
		why = append(why, ReasonNoPTS)
	}
	return why
}

// unpaired reports whether packets of the stream may hold less than a frame
// each in a healthy file: VP8 codes frames that are never shown, interlaced
// pictures may come as two fields.
func (s *stream) unpaired() bool {
	return s.Codec == "vp8" || slices.Contains([]string{"tt", "bb", "tb", "bt"}, s.FieldOrder)
}

// colourWarning tells of pictures that will look flat: the published reader
// maps no high dynamic range down, so neither do we.
func (s *stream) colourWarning() string {
	switch s.ColorTransfer {
	case "smpte2084", "arib-std-b67":
		return "high dynamic range (" + s.ColorTransfer + "): decoded without tone mapping, as in the published code"
	}
	return ""
}
