package video

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"framepilot/internal/words"
)

// readVideo reads a file with ffmpeg: probe, plan, decode, and check that
// what came is what was planned. A file that holds less than its packets
// promised is counted, planned and read once more.
func (d *Decoder) readVideo(ctx context.Context, path string, b *builder) error {
	program, err := d.find()
	if err != nil {
		return err
	}
	o := b.options
	info, err := d.probe(ctx, path, o)
	if err != nil {
		return err
	}
	s, note, err := info.pick(o.Stream)
	if err != nil {
		return err
	}
	b.codec, b.packets = s.Codec, len(s.packets)
	b.width, b.height = s.upright()
	if err := s.check(); err != nil {
		return err
	}
	for _, text := range []string{note, s.colourWarning()} {
		if text != "" {
			b.warn(text)
		}
	}
	times := s.timeline(o.FrameRate)
	b.frames = len(times.seconds)
	if b.frames == 0 {
		return &Error{Class: ZeroFrames, Detail: words.Say("its edit list shows none of its packets")}
	}
	v := &videoRead{builder: b, program: program, path: path, info: info, stream: s, times: times, reasons: info.reasons(s), seekCost: d.seekCost}
	if strings.HasSuffix(note, "not the default choice") {
		v.reasons = append(v.reasons, ReasonStream)
	}
	if err := v.read(ctx); err != nil {
		return err
	}
	b.clip.Reason = strings.Join(v.reasons, ", ")
	return nil
}

// videoRead is one file being read by ffmpeg.
type videoRead struct {
	*builder
	program  program
	path     string
	info     *probed
	stream   *stream
	times    timeline // what the packets promise
	reasons  []string
	seekCost float64
}

func (v *videoRead) run(ctx context.Context, p pass) (passed, error) {
	p.put = v.put
	return p.run(ctx, v.program, v.path, v.info, v.stream, v.options)
}

func (v *videoRead) read(ctx context.Context) error {
	v.seconds = duration(v.times.seconds)
	planned, err := makePlan(v.times.seconds, v.options)
	if err != nil {
		return err
	}
	want := planned.unique()
	if passes := seeks(v.info, v.stream, v.times, want, v.options, v.seekCost); passes != nil {
		v.begin(planned)
		done, err := v.jump(ctx, passes)
		if done || err != nil {
			v.warn(planned.warnings...)
			return err
		}
	}

	// A window stops at its last frame. The whole file is decoded to its end,
	// which costs one half interval more and counts what really is there.
	v.begin(planned)
	straight := pass{want: want, toEnd: v.options.whole()}
	got, err := v.run(ctx, straight)
	if err != nil {
		return err
	}
	if got.excess && !got.reconfigured {
		return &Error{Class: ResourceLimit, Detail: words.Say("ffmpeg gave more frames than asked for")}
	}
	v.noise(got)
	if v.asPromised(got, straight) {
		v.warn(planned.warnings...)
		return nil
	}
	return v.again(ctx, got, straight)
}

// jump runs the passes that seek; false means that they can't be relied on.
func (v *videoRead) jump(ctx context.Context, passes []pass) (bool, error) {
	for _, p := range passes {
		got, err := v.run(ctx, p)
		if err != nil || !got.confirmed(p, v.times) {
			var e *Error
			if errors.As(err, &e) && e.Class == DecodeTimeout {
				err = nil // a demuxer lost on its way; the straight pass decides
			}
			return false, err
		}
	}
	return true, nil
}

// asPromised reports whether a straight pass brought what the packets promised.
func (v *videoRead) asPromised(got passed, p pass) bool {
	if got.reconfigured || got.taken != len(p.want) {
		return false
	}
	if p.toEnd {
		return len(got.pts) == len(v.times.seconds)
	}
	if v.times.pts == nil {
		return true // nothing to compare with
	}
	return !slices.ContainsFunc(p.want, func(i int) bool { return i >= len(got.pts) || got.pts[i] != v.times.pts[i] })
}

// again plans and reads by the frames that really come out.
func (v *videoRead) again(ctx context.Context, got passed, p pass) error {
	counted := got
	if !p.toEnd || got.excess {
		var err error
		if counted, err = v.run(ctx, pass{toEnd: true}); err != nil {
			return err
		}
	}
	if err := v.judge(counted); err != nil {
		return err
	}
	real, err := makePlan(v.realTimes(counted.pts), v.options)
	if err != nil {
		return err
	}
	v.warn(real.warnings...)
	if counted.reconfigured {
		v.reasons = append(v.reasons, ReasonMultiSize)
		v.warn("the picture changes size or format on the way: scaled to the first size")
	} else if slices.Equal(real.unique(), p.want) && got.taken == len(p.want) {
		return nil // the right frames are there already
	}
	v.begin(real)
	last := pass{want: real.unique(), toEnd: true, every: counted.reconfigured}
	if got, err = v.run(ctx, last); err != nil {
		return err
	}
	if got.taken != len(last.want) || len(got.pts) != len(counted.pts) {
		return &Error{Class: TooFewDecodable, Detail: words.Say("%d frames at one reading, %d at the next", len(counted.pts), len(got.pts))}
	}
	return nil
}

// judge compares the number of frames with the number of packets.
func (v *videoRead) judge(counted passed) error {
	have, promised := len(counted.pts), len(v.times.seconds)
	v.frames = have
	if have == 0 {
		return v.nothing(counted)
	}
	if have == promised {
		return nil
	}
	if counted.lines == 0 && (v.stream.unpaired() || have > promised) {
		v.reasons = append(v.reasons, ReasonCount)
		v.warn(fmt.Sprintf("%d packets hold %d frames", promised, have))
		return nil
	}
	share := float64(have) / float64(promised)
	if v.stream.unpaired() {
		share *= 2
	}
	if share < v.options.MinDecodable {
		e := &Error{Class: TooFewDecodable, Detail: words.Say("%d of %d frames decode", have, promised)}
		if counted.messages != "" {
			e.Err = errors.New(counted.messages)
		}
		return e
	}
	v.clip.Degraded = true
	v.damaged()
	v.warn(fmt.Sprintf("damaged: %d of %d frames decode; sampled among those", have, promised))
	return nil
}

// noise notes that the decoder complained, even where every frame came out.
func (v *videoRead) noise(got passed) {
	if got.lines == 0 {
		return
	}
	v.damaged()
	first, _, _ := strings.Cut(got.messages, "; ")
	v.warn(fmt.Sprintf("the decoder complained %d times, first: %s", got.lines, first))
}

func (v *videoRead) damaged() {
	if !slices.Contains(v.reasons, ReasonDamage) {
		v.reasons = append(v.reasons, ReasonDamage)
	}
}

// nothing says why no frame came out.
func (v *videoRead) nothing(got passed) error {
	e := &Error{Class: ZeroFrames, Detail: words.Say("no frame of it decodes")}
	if got.messages != "" {
		e.Err = errors.New(got.messages)
	}
	switch {
	case strings.Contains(got.messages, tooManyPixels):
		e.Class, e.Detail = SizeLimit, words.Say("pictures of more than %d pixels", maxPixels)
	case strings.Contains(got.messages, "Decoder") && strings.Contains(got.messages, "not found"),
		strings.Contains(got.messages, "Decoding requested, but no decoder found"):
		e.Class, e.Detail = UnsupportedCodec, words.Say("this ffmpeg can't decode %s", v.stream.Codec)
	case strings.Contains(got.messages, "Cannot allocate memory"):
		e.Class, e.Detail = ResourceLimit, words.Say("ffmpeg had too little memory")
	}
	return e
}

// realTimes is when decoded frames are shown, in seconds after the first
// packet's time, so that lost frames don't move a window.
func (v *videoRead) realTimes(pts []int64) []float64 {
	if v.times.pts == nil || slices.Contains(pts, noPTS) {
		return v.stream.even(len(pts), v.options.FrameRate)
	}
	return v.stream.seconds(pts, v.times.pts[0])
}
