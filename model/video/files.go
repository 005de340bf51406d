package video

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"framepilot/internal/words"
)

// extensions are the names under which clips are found in a folder. A file
// of any other name can still be read when it is asked for.
var extensions = []string{
	".264", ".265", ".3gp", ".asf", ".avi", ".dav", ".divx", ".flv", ".gif", ".h264", ".h265", ".hevc", ".ivf",
	".m2ts", ".m2v", ".m4v", ".mjpeg", ".mjpg", ".mkv", ".mov", ".mp4", ".mpeg", ".mpg", ".mts", ".mxf", ".ogv",
	".rm", ".ts", ".vob", ".webm", ".wmv", ".wtv",
}

// pictures are the names of frames in a frame folder.
var pictures = []string{".bmp", ".jpeg", ".jpg", ".png", ".webp"}

// Supported reports whether path is named like a video, for walking folders.
func Supported(path string) bool {
	return slices.Contains(extensions, strings.ToLower(filepath.Ext(path)))
}

// IsFrameFolder reports whether path is a folder that is one clip: it holds
// pictures (PNG, JPEG, WebP, BMP) and nothing else that is visible.
func IsFrameFolder(path string) bool {
	names, err := frameNames(path)
	return err == nil && len(names) > 0
}

var errNotFrames = errors.New("holds other things than pictures")

// frameNames returns the pictures of a frame folder, frame_2 before frame_10.
func frameNames(path string) ([]string, error) {
	entries, err := os.ReadDir(path)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, e := range entries {
		name := e.Name()
		if strings.HasPrefix(name, ".") || strings.EqualFold(name, "thumbs.db") || strings.EqualFold(name, "desktop.ini") {
			continue
		}
		if e.IsDir() || !slices.Contains(pictures, strings.ToLower(filepath.Ext(name))) {
			return nil, errNotFrames
		}
		names = append(names, name)
	}
	slices.SortFunc(names, NaturalCompare)
	return names, nil
}

// NaturalCompare orders names the way people count, frame2 before frame10:
// runs of digits compare by value, of any length, all else byte by byte. Names
// that differ never compare equal.
func NaturalCompare(a, b string) int {
	x, y := a, b
	for x != "" && y != "" {
		m, n := digits(x), digits(y)
		if m > 0 && n > 0 {
			p, q := strings.TrimLeft(x[:m], "0"), strings.TrimLeft(y[:n], "0")
			if len(p) != len(q) {
				return len(p) - len(q)
			}
			if c := strings.Compare(p, q); c != 0 {
				return c
			}
			x, y = x[m:], y[n:]
			continue
		}
		if x[0] != y[0] {
			return int(x[0]) - int(y[0])
		}
		x, y = x[1:], y[1:]
	}
	if c := len(x) - len(y); c != 0 {
		return c
	}
	return strings.Compare(a, b)
}

// digits is the length of the run of digits s starts with.
func digits(s string) int {
	return len(s) - len(strings.TrimLeft(s, "0123456789"))
}

// kind is what decodes a path.
type kind int

const (
	kindVideo kind = iota // by ffmpeg
	kindGIF
	kindFolder
)

// identify looks at a path before any decoder does, and turns away what none
// should see: devices, FIFOs and sockets (which would block or act), empty
// files, playlists, text, single pictures.
func identify(path string) (kind, error) {
	if strings.ContainsRune(path, 0) {
		return 0, &Error{Class: NotFound, Detail: words.Say("the path holds a NUL byte")}
	}
	info, err := os.Lstat(path)
	if err == nil && info.Mode()&fs.ModeSymlink != 0 {
		info, err = os.Stat(path)
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return 0, &Error{Class: NotFound, Detail: words.Say("no such file")}
	case err != nil:
		return 0, &Error{Class: Unreadable, Err: err}
	case info.IsDir():
		names, err := frameNames(path)
		if errors.Is(err, errNotFrames) || err == nil && len(names) == 0 {
			return 0, &Error{Class: NotMedia, Detail: words.Say("a folder, but not one of frames"),
				Hint: words.Say("give the files in it, or a folder that holds PNG, JPEG, WebP or BMP pictures only")}
		}
		if err != nil {
			return 0, &Error{Class: Unreadable, Err: err}
		}
		return kindFolder, nil
	case !info.Mode().IsRegular():
		return 0, &Error{Class: Unreadable, Detail: words.Say("not a regular file but %s", info.Mode().Type())}
	case info.Size() == 0:
		return 0, &Error{Class: NotMedia, Detail: words.Say("the file is empty")}
	}
	head, err := readHead(path)
	if err != nil {
		return 0, &Error{Class: Unreadable, Err: err}
	}
	switch {
	case isGIF(head):
		return kindGIF, nil
	case isPlaylist(head):
		return 0, &Error{Class: BlockedFormat, Detail: words.Say("a playlist, which would open other files")}
	case slices.Contains(pictures, strings.ToLower(filepath.Ext(path))):
		return 0, &Error{Class: NotMedia, Detail: words.Say("a single picture"), Hint: words.Say("give the folder that holds the frames")}
	}
	return kindVideo, nil
}

// readHead returns up to the first 512 bytes of a file.
func readHead(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	head := make([]byte, 512)
	n, err := io.ReadFull(f, head)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		return nil, err
	}
	return head[:n], nil
}

func isGIF(head []byte) bool {
	return bytes.HasPrefix(head, []byte("GIF87a")) || bytes.HasPrefix(head, []byte("GIF89a"))
}

// isPlaylist knows the texts that make ffmpeg open other files or the net.
// ffmpeg's own whitelist would stop them too; this says it better.
func isPlaylist(head []byte) bool {
	text := bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\xef\xbb\xbf")), " \t\r\n")
	for _, magic := range []string{"#EXTM3U", "ffconcat ", "[playlist]", "v=0\r\n", "v=0\n", "<smil", "<asx", "<ASX"} {
		if bytes.HasPrefix(text, []byte(magic)) {
			return true
		}
	}
	return bytes.HasPrefix(text, []byte("<")) && bytes.Contains(text, []byte("<MPD"))
}

// isContainer reports whether head starts like a video container. Where it
// does and nothing in it can be read, the file was cut or its index lost.
func isContainer(head []byte) bool {
	if len(head) < 12 {
		return false
	}
	switch string(head[4:8]) { // ISO media, QuickTime
	case "ftyp", "moov", "mdat", "free", "skip", "wide", "pnot", "moof", "styp", "sidx":
		return true
	}
	for _, magic := range []string{
		"\x1aE\xdf\xa3",            // Matroska, WebM
		"FLV\x01",                  // Flash
		"OggS",                     // Ogg
		"\x30\x26\xb2\x75\x8e\x66", // ASF, WMV
		"\x00\x00\x01\xba",         // MPEG program stream
		".RMF",                     // RealMedia
		"DHAV", "DKIF",             // Dahua, IVF
	} {
		if bytes.HasPrefix(head, []byte(magic)) {
			return true
		}
	}
	return bytes.HasPrefix(head, []byte("RIFF")) && bytes.HasPrefix(head[8:], []byte("AVI"))
}
