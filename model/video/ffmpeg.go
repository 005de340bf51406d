package video

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"framepilot/internal/words"
)

// pass is one run of ffmpeg over a file.
type pass struct {
	seek  string // where to start, in ffmpeg's seconds; empty means at the beginning
	first int    // number, in the whole file, of the first frame after seek
	want  []int  // frame numbers to take, rising
	toEnd bool   // decode on after the last of them, and so count the frames
	every bool   // have ffmpeg hand over all frames and choose here

	put func(index int, f frame)
}

// passed is what a pass brought.
type passed struct {
	outcome
	pts          []int64 // of every frame decoded, in order; noPTS where unknown
	taken        int     // frames put
	reconfigured bool    // the picture changed size or format on the way
	excess       bool    // more came than was asked for, so it was stopped
}

var errExcess = errors.New("more frames than asked for")

// run decodes. Every decoded frame announces its time on standard error and
// the chosen ones come as PPM on standard output, each with its own size. The
// pixels are those of `-fps_mode passthrough -pix_fmt rgb24` with ffmpeg's
// default scaler, which equal the published reader's bit for bit.
func (p pass) run(ctx context.Context, program program, path string, from *probed, s *stream, o Options) (passed, error) {
	args, err := p.args(program, path, from, s)
	if err != nil {
		return passed{}, err
	}
	var got passed
	frames := len(s.packets)
	if !p.toEnd && len(p.want) > 0 {
		frames = p.want[len(p.want)-1] + 1 - p.first
	}
	timeout := o.limit(frames, s.Width*s.Height)
	got.outcome, err = command{
		program: program.ffmpeg, args: args, timeout: timeout,
		line: got.announced,
		stdout: func(r io.Reader) error {
			return p.take(bufio.NewReaderSize(r, 1<<16), &got)
		},
	}.run(ctx)
	switch {
	case errors.Is(err, errTimeout):
		return got, &Error{Class: DecodeTimeout, Detail: words.Say("not decoded in %v", timeout)}
	case errors.Is(err, errExcess):
		got.excess = true
		return got, nil
	case errors.Is(err, errNotPPM):
		return got, &Error{Class: NoDecoder, Detail: words.Say("%s does not answer as ffmpeg does", program.ffmpeg), Hint: installHint(), Err: err}
	case err == nil && got.exit == -1:
		return got, &Error{Class: ResourceLimit, Detail: words.Say("ffmpeg was ended by the system (%s)", got.signal)}
	}
	return got, err
}

func (p pass) args(program program, path string, from *probed, s *stream) ([]string, error) {
	url, err := fileURL(path)
	if err != nil {
		return nil, err
	}
	args := append(fence(), "-nostdin", "-copyts")
	args = append(args, from.forced...)
	if p.seek != "" {
		args = append(args, "-ss", p.seek)
	}
	// The first two filters print the time of every frame that passes.
	filter := `metadata=mode=add:key=k:value=1,metadata=mode=print:key=k:file=pipe\\:2:direct=1`
	if !p.every {
		filter += ",select=" + p.selection()
	}
	args = append(args, "-i", url, "-map", fmt.Sprintf("0:%d", s.Index), "-an", "-sn", "-dn", "-vf", filter)
	args = append(args, program.passthrough...)
	args = append(args, "-filter_threads", "1", "-threads", "1", "-max_error_rate", "1")
	if !p.toEnd && !p.every {
		args = append(args, "-frames:v", strconv.Itoa(len(p.want)))
	}
	return append(args, "-pix_fmt", "rgb24", "-c:v", "ppm", "-f", "image2pipe", "pipe:1"), nil
}

// selection is the wanted frames in the language of ffmpeg's select filter.
func (p pass) selection() string {
	if len(p.want) == 0 {
		return "0"
	}
	terms := make([]string, len(p.want))
	for i, index := range p.want {
		terms[i] = fmt.Sprintf(`eq(n\,%d)`, index-p.first)
	}
	return strings.Join(terms, "+")
}

var announcement = regexp.MustCompile(`frame:(\d+) +pts:(\S+) +pts_time:`)

// announced takes the lines of the metadata filter out of standard error.
// Its frame count starts again where ffmpeg had to build its filters anew.
func (g *passed) announced(line string) bool {
	if line == "k=1" {
		return true
	}
	m := announcement.FindStringSubmatch(line)
	if m == nil {
		return false
	}
	if m[1] == "0" && len(g.pts) > 0 {
		g.reconfigured = true
	}
	pts, err := strconv.ParseInt(m[2], 10, 64)
	if err != nil {
		pts = noPTS
	}
	g.pts = append(g.pts, pts)
	return strings.HasPrefix(line, "frame:")
}

// take reads the frames and puts the wanted ones.
func (p pass) take(r *bufio.Reader, got *passed) error {
	var pix []byte
	for n := 0; ; n++ {
		f, err := readPPM(r, &pix)
		if err == io.EOF || err == io.ErrUnexpectedEOF {
			return nil // what was missing is seen by its count
		}
		if err != nil {
			return err
		}
		switch {
		case p.every:
			if i, wanted := slices.BinarySearch(p.want, n); wanted {
				p.put(p.want[i], f)
				got.taken++
			}
			if n > maxPackets {
				return errExcess
			}
		case n >= len(p.want):
			return errExcess
		default:
			p.put(p.want[n], f)
			got.taken++
		}
	}
}

var errNotPPM = errors.New("output is not PPM pictures")

// readPPM reads one picture, "P6\nWIDTH HEIGHT\n255\n" and RGB bytes, into pix.
func readPPM(r *bufio.Reader, pix *[]byte) (frame, error) {
	magic, err := r.Peek(3)
	if len(magic) == 0 {
		return frame{}, io.EOF
	}
	if !bytes.HasPrefix([]byte("P6\n"), magic) {
		return frame{}, errNotPPM
	}
	if err != nil {
		return frame{}, io.ErrUnexpectedEOF
	}
	r.Discard(3)
	var f frame
	for _, field := range []struct {
		value *int
		end   byte
	}{{&f.width, ' '}, {&f.height, '\n'}, {new(int), '\n'}} {
		for digits := 0; ; digits++ {
			c, err := r.ReadByte()
			if err != nil {
				return frame{}, io.ErrUnexpectedEOF
			}
			if c == field.end && digits > 0 {
				break
			}
			if c < '0' || c > '9' || digits > 7 {
				return frame{}, errNotPPM
			}
			*field.value = *field.value*10 + int(c-'0')
		}
	}
	if f.width < 1 || f.height < 1 || f.width*f.height > maxPixels {
		return frame{}, errNotPPM
	}
	n := f.width * f.height * 3
	if cap(*pix) < n {
		*pix = make([]byte, n)
	}
	f.pix = (*pix)[:n]
	if _, err := io.ReadFull(r, f.pix); err != nil {
		return frame{}, io.ErrUnexpectedEOF
	}
	return f, nil
}
