//go:build unix

package video

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

const fakeAnswer = `{"packets":[{"stream_index":0,"pts":0,"flags":"K_"},{"stream_index":0,"pts":1,"flags":"__"}],
"streams":[{"index":0,"codec_name":"h264","width":2,"height":1,"time_base":"1/25","avg_frame_rate":"25/1"}],
"format":{"format_name":"mov,mp4,m4a,3gp,3g2,mj2","start_time":"0.000000"}}`

// fakes makes a folder with an ffmpeg and an ffprobe that are shell scripts.
// ffmpeg answers -version properly before it does what the script says.
func fakes(t *testing.T, ffmpeg, ffprobe string) *Decoder {
	t.Helper()
	dir := t.TempDir()
	if ffprobe == "" {
		ffprobe = "cat <<'END'\n" + fakeAnswer + "\nEND"
	}
	for name, script := range map[string]string{
		"ffmpeg":  "[ \"$1\" = -version ] && { echo ffmpeg version 9.9; exit; }\n" + ffmpeg,
		"ffprobe": ffprobe,
	} {
		writeProgram(t, filepath.Join(dir, name), script)
	}
	return NewDecoder(DecoderOptions{FFmpeg: dir})
}

// writeProgram writes a shell script that can be run. No other test may fork while
// the file is open for writing: its child would hold it open, and running the
// script would fail with "text file busy" (golang.org/issue/22315).
func writeProgram(t *testing.T, path, script string) {
	t.Helper()
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+script+"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
}

const announce = `printf 'frame:0    pts:0 pts_time:0\nk=1\nframe:1    pts:1 pts_time:0.04\nk=1\n' >&2`

func fakeVideo(t *testing.T) string { return write(t, "a.mp4", []byte("\x00\x00\x00\x18ftypisom")) }

func TestFakeFFmpegWorks(t *testing.T) {
	d := fakes(t, announce+`; printf 'P6\n2 1\n255\nabcdefP6\n2 1\n255\nghijkl'`, "")
	clip, err := d.Read(context.Background(), fakeVideo(t), Options{Size: 1, Recipe: Features, Frames: 2})
	if err != nil || !clip.OfficialEquivalent || clip.Valid != 2 {
		t.Fatalf("%+v, %v", clip, err)
	}
	if d.Version() != "ffmpeg 9.9" {
		t.Errorf("version %q", d.Version())
	}
}

// What can go wrong with a child process, each with its class. One that would
// not be stopped here would never end.
func TestMisbehaviour(t *testing.T) {
	const frame = `printf 'P6\n2 1\n255\nabcdef'`
	for name, c := range map[string]struct {
		ffmpeg, ffprobe string
		want            Class
	}{
		"hangs":                {"sleep 36000", "", DecodeTimeout},
		"hangs after a frame":  {frame + "; sleep 36000", "", DecodeTimeout},
		"ignores SIGTERM":      {"trap '' TERM INT HUP; while :; do :; done", "", DecodeTimeout},
		"probe hangs":          {"", "sleep 36000", DecodeTimeout},
		"probe floods":         {"", `printf '{"packets":['; yes '{"stream_index":0,"pts":1,"flags":"K_"},'`, DecodeTimeout},
		"messages flood":       {"yes error >&2", "", DecodeTimeout},
		"floods with frames":   {announce + "; while :; do " + frame + "; done", "", ResourceLimit},
		"floods with noise":    {"yes", "", NoDecoder},
		"a picture too large":  {announce + `; printf 'P6\n99999 99999\n255\n'`, "", NoDecoder},
		"probe talks nonsense": {"", "echo hello", NoDecoder},
		"probe stops halfway":  {"", `printf '{"packets":[{"stream_index":0'`, NoDecoder},
		"crashes":              {"kill -SEGV $$", "", ResourceLimit},
		"probe crashes":        {"", "kill -SEGV $$", ResourceLimit},
		"fails":                {"exit 1", "", ZeroFrames},
		"ends within a frame":  {announce + `; printf 'P6\n2 1\n255\nabcdefP6\n2 1\n255\ngh'`, "", TooFewDecodable},
		"lacks the codec":      {"echo 'Decoder (codec av1) not found for input stream #0:0' >&2; exit 1", "", UnsupportedCodec},
		"lacks memory":         {"echo 'Cannot allocate memory' >&2; exit 1", "", ResourceLimit},
		"refuses":              {"", "echo Permission denied >&2; exit 1", Unreadable},
	} {
		// Written before any of them runs: a script that a sibling's child still
		// holds open can't be started.
		d := fakes(t, c.ffmpeg, c.ffprobe)
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			timeout := 5 * time.Minute // no sooner, however busy the machine is with the others
			if c.want == DecodeTimeout {
				timeout = time.Second
			}
			_, err := d.Read(context.Background(), fakeVideo(t), Options{Timeout: timeout})
			var e *Error
			if !errors.As(err, &e) || e.Class != c.want {
				t.Errorf("got %v, want %s", err, c.want)
			}
		})
	}
}

// Whatever ffmpeg started ends with it.
func TestGroupIsKilled(t *testing.T) {
	pids := filepath.Join(t.TempDir(), "pids")
	d := fakes(t, fmt.Sprintf("sleep 36000 & echo $! $$ > %s.new; mv %[1]s.new %[1]s; wait", pids), "")
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		for {
			if _, err := os.Stat(pids); err == nil {
				cancel()
				return
			}
			time.Sleep(10 * time.Millisecond)
		}
	}()
	if _, err := d.Read(ctx, fakeVideo(t), Options{Timeout: time.Hour}); !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v, want the context's own error", err)
	}
	fields := strings.Fields(string(read(t, pids)))
	if len(fields) != 2 {
		t.Fatalf("pids %q", fields)
	}
	for _, field := range fields {
		pid, err := strconv.Atoi(field)
		if err != nil {
			t.Fatal(err)
		}
		for end := time.Now().Add(time.Minute); alive(pid); time.Sleep(10 * time.Millisecond) {
			if time.Now().After(end) {
				t.Fatalf("process %d still runs", pid)
			}
		}
	}
}

// alive reports whether a process runs; a zombie, which nobody may have
// collected in a container, does not.
func alive(pid int) bool {
	if syscall.Kill(pid, 0) != nil {
		return false
	}
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return err != nil || !strings.Contains(string(status), ") Z ")
}

func TestCancelled(t *testing.T) {
	d := fakes(t, "sleep 36000", "")
	ctx, cancel := context.WithTimeout(context.Background(), 300*time.Millisecond)
	defer cancel()
	_, err := d.Read(ctx, fakeVideo(t), Options{})
	var e *Error
	if !errors.Is(err, context.DeadlineExceeded) || errors.As(err, &e) {
		t.Errorf("got %v, want the context's own error", err)
	}
}

// A child sees no environment, no standard input, and an empty folder.
func TestChildIsFenced(t *testing.T) {
	t.Setenv("FRAMEPILOT_SECRET", "s3cret")
	seen := filepath.Join(t.TempDir(), "seen")
	d := fakes(t, fmt.Sprintf("{ env; ls -A; cat; echo \"$@\"; } > %s", seen), "")
	path := fakeVideo(t)
	d.Read(context.Background(), path, Options{})
	got := string(read(t, seen))
	if strings.Contains(got, "s3cret") || strings.Contains(got, "HOME=") {
		t.Errorf("environment leaks: %s", got)
	}
	args := got[strings.Index(got, "-v repeat+error"):]
	for _, want := range []string{"-protocol_whitelist file", "-format_whitelist mov,", "-nostdin", "-i file:" + path, "-max_pixels"} {
		if !strings.Contains(args, want) {
			t.Errorf("%q is missing in %s", want, args)
		}
	}
}

func TestMessagesAreCleaned(t *testing.T) {
	m := &messageLog{line: func(line string) bool { return line == "data" }}
	fmt.Fprintf(m, "[h264 @ 0x55aa] bad \x1b[31mcolour\x07\ndata\n\xff\xfe\rlast")
	m.flush()
	if got, want := m.text.String(), "[h264] bad [31mcolour; ?; last"; got != want || m.lines != 3 {
		t.Errorf("%d lines %q, want %q", m.lines, got, want)
	}
	for range 1000 {
		fmt.Fprintln(m, strings.Repeat("x", 100))
	}
	fmt.Fprint(m, strings.Repeat("y", 1<<20))
	if m.text.Len() > maxMessages || len(m.partial) > maxLine || m.lines != 1003 {
		t.Errorf("keeps %d + %d bytes, counts %d", m.text.Len(), len(m.partial), m.lines)
	}
}

func TestNotFFmpeg(t *testing.T) {
	for answer, want := range map[string]string{"hello": "is not ffmpeg", "ffmpeg version 4.2.7 Copyright": "too old"} {
		dir := t.TempDir()
		for _, name := range []string{"ffmpeg", "ffprobe"} {
			writeProgram(t, filepath.Join(dir, name), "echo "+answer)
		}
		t.Setenv("FRAMEPILOT_FFMPEG", dir)
		_, _, err := NewDecoder(DecoderOptions{}).Available()
		var e *Error
		if !errors.As(err, &e) || e.Class != NoDecoder || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", answer, err, want)
		}
	}
}

func TestSpecialFiles(t *testing.T) {
	d := NewDecoder(DecoderOptions{})
	fifo := filepath.Join(t.TempDir(), "fifo.mp4")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Skip("no FIFOs here:", err)
	}
	checkClass(t, d, fifo, Unreadable)
	link := filepath.Join(t.TempDir(), "link.mp4")
	if err := os.Symlink(fifo, link); err != nil {
		t.Fatal(err)
	}
	checkClass(t, d, link, Unreadable)
	good := filepath.Join(t.TempDir(), "link.gif")
	if err := os.Symlink(write(t, "a.gif", randomGIF(1)), good); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Read(context.Background(), good, Options{}); err != nil {
		t.Errorf("a link to a file: %v", err)
	}
}
