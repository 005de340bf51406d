package video

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"time"

	"framepilot/internal/words"
)

// goDecoder identifies what this package decodes itself. Raise it with every
// change to a pixel: features cached under the old name are then computed anew.
const goDecoder = "go/1"

// DecoderOptions says where the programs are. The zero value finds them.
type DecoderOptions struct {
	// FFmpeg is the path of ffmpeg, or of the folder that holds it. Empty means
	// $FRAMEPILOT_FFMPEG, else the one on PATH.
	FFmpeg string
	// FFprobe is the path of ffprobe. Empty means beside ffmpeg, else on PATH.
	FFprobe string
}

// Decoder reads clips. It is safe for concurrent use; each Read decodes on
// one thread, so run as many as there are cores.
type Decoder struct {
	options  DecoderOptions
	find     func() (program, error) // once, when a file first needs ffmpeg
	probes   probeCache
	seekCost float64 // in pixels; tests lower it
}

// NewDecoder returns a decoder. It looks for ffmpeg only when a file needs it.
func NewDecoder(o DecoderOptions) *Decoder {
	d := &Decoder{options: o, seekCost: defaultSeekCost}
	d.find = sync.OnceValues(func() (program, error) { return findProgram(d.options) })
	return d
}

// Available returns the path and version of the ffmpeg in use, or an *Error of
// class NoDecoder that says how to install it.
func (d *Decoder) Available() (path, version string, err error) {
	p, err := d.find()
	return p.ffmpeg, p.version, err
}

// Version names what decodes ordinary video files, for cache keys and
// reports: "ffmpeg 5.1.9", or "go" where there is no ffmpeg.
func (d *Decoder) Version() string {
	p, err := d.find()
	if err != nil {
		return "go"
	}
	return "ffmpeg " + p.version
}

// Identity names what decodes the file at path. GIFs and folders of pictures
// decode in Go, so theirs is the same on a machine without ffmpeg.
func (d *Decoder) Identity(path string) string {
	if k, err := identify(path); err == nil && k != kindVideo {
		return goDecoder
	}
	return d.Version()
}

// Read reads the clip at path: a video file, a GIF, or a folder of pictures.
// Any failure of the file itself is an *Error; a cancelled context is not.
func (d *Decoder) Read(ctx context.Context, path string, o Options) (*Clip, error) {
	b, err := d.read(ctx, path, o, false)
	if err != nil {
		return nil, err
	}
	return &b.clip, nil
}

// read fills a builder. It returns what it learned of the file even with an
// error, never nil.
func (d *Decoder) read(ctx context.Context, path string, o Options, digest bool) (*builder, error) {
	b := &builder{digest: digest}
	o, err := o.filled()
	if err != nil {
		return b, err
	}
	b.options = o
	kind, err := identify(path)
	if err == nil {
		switch kind {
		case kindFolder:
			err = readFolder(ctx, path, b)
		case kindGIF:
			err = readGIF(ctx, path, b)
		default:
			err = d.readVideo(ctx, path, b)
		}
	}
	var e *Error
	if errors.As(err, &e) {
		e.Path = path
		return b, e
	}
	if err != nil {
		return b, fmt.Errorf("video: read %s: %w", path, err)
	}
	b.clip.OfficialEquivalent = b.clip.Reason == ""
	return b, nil
}

// program is an ffmpeg that was found, and how to speak to it.
type program struct {
	ffmpeg, ffprobe string
	version         string // "5.1.9-0+deb12u1"
	passthrough     []string
}

var versionLine = regexp.MustCompile(`^ffmpeg version (\S+)`)
var versionNumber = regexp.MustCompile(`^n?(\d+)\.(\d+)`)

// findProgram finds ffmpeg and asks for its version.
func findProgram(o DecoderOptions) (program, error) {
	var p program
	missing := func(detail words.Sentence, err error) (program, error) {
		return program{}, &Error{Class: NoDecoder, Detail: detail, Hint: installHint(), Err: err}
	}
	name := o.FFmpeg
	if name == "" {
		name = os.Getenv("FRAMEPILOT_FFMPEG")
	}
	if info, err := os.Stat(name); err == nil && info.IsDir() {
		name = filepath.Join(name, "ffmpeg")
	}
	if name == "" {
		name = "ffmpeg"
	}
	var err error
	if p.ffmpeg, err = lookPath(name); err != nil {
		return missing(words.Say("ffmpeg not found"), err)
	}
	if o.FFprobe != "" {
		p.ffprobe, err = lookPath(o.FFprobe)
	} else if p.ffprobe, err = lookPath(filepath.Join(filepath.Dir(p.ffmpeg), "ffprobe")); err != nil {
		p.ffprobe, err = lookPath("ffprobe")
	}
	if err != nil {
		return missing(words.Say("ffmpeg found at %s, ffprobe not", p.ffmpeg), err)
	}
	first := ""
	_, err = command{program: p.ffmpeg, args: []string{"-version"}, timeout: 20 * time.Second, stdout: firstLine(&first)}.run(context.Background())
	if err != nil {
		return missing(words.Say("%s does not run", p.ffmpeg), err)
	}
	m := versionLine.FindStringSubmatch(first)
	if m == nil {
		return missing(words.Say("%s is not ffmpeg: -version says %.60q", p.ffmpeg, first), nil)
	}
	p.version = m[1]
	if p.passthrough, err = passthrough(p.version); err != nil {
		return missing(words.Plain(p.ffmpeg), err)
	}
	return p, nil
}

// passthrough returns the arguments that keep every frame as decoded. The
// option was renamed in ffmpeg 5.1; a version without a number is a build
// of the development tree, hence newer.
func passthrough(version string) ([]string, error) {
	m := versionNumber.FindStringSubmatch(version)
	if m == nil {
		return []string{"-fps_mode", "passthrough"}, nil
	}
	major, _ := strconv.Atoi(m[1])
	minor, _ := strconv.Atoi(m[2])
	switch {
	case major < 4 || major == 4 && minor < 3:
		return nil, fmt.Errorf("version %s is too old, want 4.3 or newer", version)
	case major < 5 || major == 5 && minor < 1:
		return []string{"-vsync", "0"}, nil
	}
	return []string{"-fps_mode", "passthrough"}, nil
}

// lookPath finds a program and makes its path absolute, for it will run in
// another directory.
func lookPath(name string) (string, error) {
	path, err := exec.LookPath(name)
	if err != nil {
		return "", err
	}
	return filepath.Abs(path)
}

func installHint() words.Sentence {
	how := map[string]string{
		"darwin":  "brew install ffmpeg",
		"windows": "winget install Gyan.FFmpeg",
		"linux":   "apt install ffmpeg / dnf install ffmpeg-free",
	}[runtime.GOOS]
	if how == "" {
		how = "https://ffmpeg.org/download.html"
	}
	return words.Say("install ffmpeg 4.3 or newer (%s), or set FRAMEPILOT_FFMPEG to its path", how)
}

// firstLine reads the first line of a short answer into line.
func firstLine(line *string) func(io.Reader) error {
	return func(r io.Reader) error {
		answer, err := io.ReadAll(io.LimitReader(r, 1<<16))
		*line, _, _ = strings.Cut(string(answer), "\n")
		return err
	}
}
