package video

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"time"
	"unicode"
)

// command is one run of ffmpeg or ffprobe on a file nobody trusts: no shell,
// no standard input, almost no environment, an empty working directory, and
// a SIGKILL for its whole process group when time is up. A decoder under
// memory pressure was seen to spin for minutes and to ignore SIGTERM.
type command struct {
	program string
	args    []string
	timeout time.Duration

	// stdout reads the output; its first error kills the process and is
	// returned by run.
	stdout func(io.Reader) error
	// line sees each line of standard error; where it returns true the line
	// is data, not a message.
	line func(string) bool
}

// outcome is how a command ended.
type outcome struct {
	exit     int    // exit status; -1 where a signal ended it
	signal   string // what ended it then, in words
	messages string // the start of standard error, cleaned
	lines    int    // number of messages
}

var errTimeout = errors.New("no answer in time")

// run runs the command. A failing exit status is no error: damaged files make
// ffmpeg fail after it gave all it could.
func (c command) run(ctx context.Context) (outcome, error) {
	dir, err := os.MkdirTemp("", "framepilot-")
	if err != nil {
		return outcome{}, fmt.Errorf("video: make working directory: %w", err)
	}
	defer os.RemoveAll(dir)

	alive, kill := context.WithCancelCause(ctx)
	defer kill(nil)
	timer := time.AfterFunc(c.timeout, func() { kill(errTimeout) })
	defer timer.Stop()

	cmd := exec.CommandContext(alive, c.program, c.args...)
	cmd.Dir = dir
	cmd.Env = environment()
	// Once it has ended, for what it said last: a busy machine may be late to
	// read it, and a frame cut short would be a damaged clip.
	cmd.WaitDelay = 10 * time.Second
	killGroup(cmd)
	messages := &messageLog{line: c.line}
	cmd.Stderr = messages
	reader, writer := io.Pipe()
	cmd.Stdout = writer
	read := make(chan error, 1)
	go func() {
		err := c.stdout(reader)
		if err != nil {
			kill(err)
		}
		reader.CloseWithError(io.ErrClosedPipe)
		read <- err
	}()

	err = cmd.Run()
	writer.Close()
	readErr := <-read
	messages.flush()

	out := outcome{exit: -1, messages: messages.text.String(), lines: messages.lines}
	if cmd.ProcessState != nil {
		out.exit = cmd.ProcessState.ExitCode()
		out.signal = cmd.ProcessState.String()
	}
	switch {
	case ctx.Err() != nil:
		return out, ctx.Err()
	case err != nil && context.Cause(alive) == errTimeout:
		return out, errTimeout
	case readErr != nil:
		return out, readErr
	case cmd.ProcessState == nil:
		return out, err
	}
	return out, nil
}

// environment is all a decoder gets to know: where libraries are, and to
// speak English, for its messages are read.
func environment() []string {
	env := []string{"LANG=C", "LC_ALL=C"}
	for _, name := range []string{"PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH"} {
		if value := os.Getenv(name); value != "" {
			env = append(env, name+"="+value)
		}
	}
	return env
}

// messageLog splits standard error into lines, keeps the first 2 KB of them
// and counts the rest.
type messageLog struct {
	line    func(string) bool
	partial []byte
	text    strings.Builder
	lines   int
}

const (
	maxLine     = 4096
	maxMessages = 2048
)

func (m *messageLog) Write(p []byte) (int, error) {
	for _, b := range p {
		if b == '\n' || b == '\r' {
			m.flush()
		} else if len(m.partial) < maxLine {
			m.partial = append(m.partial, b)
		}
	}
	return len(p), nil
}

func (m *messageLog) flush() {
	line := string(m.partial)
	m.partial = m.partial[:0]
	if line == "" || m.line != nil && m.line(line) {
		return
	}
	m.lines++
	if line = clean(line); m.text.Len()+len(line) < maxMessages {
		if m.text.Len() > 0 {
			m.text.WriteString("; ")
		}
		m.text.WriteString(line)
	}
}

var address = regexp.MustCompile(` @ (0x)?[0-9a-f]+`)

// clean removes what a hostile file may have put into a message to steer a
// terminal, and the addresses that differ from run to run.
func clean(line string) string {
	line = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(line, "?"))
	return address.ReplaceAllString(line, "")
}
