package adapt

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"framepilot/internal/fault"
	"framepilot/internal/safetensors"
	"framepilot/internal/words"
	"framepilot/model/video"
)

// shards is a folder of sealed embeddings, all made in one way (the folder's
// name is the hash of it). Each is found by what was embedded: its content,
// not its name. A shard is a safetensors file written beside its place,
// synced and renamed, with a checksum inside: what exists is whole, and what
// is not whole is noticed, thrown away and made again.
type shards struct {
	dir     string // "" = kept in memory only
	dim     int
	held    int               // values of a row that are held; the others, those of frames, stay in the shard
	found   map[string]sealed // address → what was made of it
	waiting []string          // addresses not sealed yet, in order
	next    int               // number of the next shard

	unfinished []string // temporary files of killed processes
}

// sealed is what became of one clip or text: a row, or the reason there is
// none.
type sealed struct {
	Row     []float32   `json:"-"` // of unit length, what is held of its values; nil where it failed
	Note    *clipNote   `json:"note,omitempty"`
	Failure *clipFailed `json:"failure,omitempty"`

	file   string // the shard that has the whole row; "": Row is
	offset int64  // of the row's first byte
}

// whole fills in all values of a row.
func (e sealed) whole(row []float32) error {
	if e.file == "" {
		copy(row, e.Row)
		return nil
	}
	f, err := os.Open(e.file)
	if err != nil {
		return err
	}
	defer f.Close()
	raw := make([]byte, 4*len(row))
	if _, err := f.ReadAt(raw, e.offset); err != nil {
		return err
	}
	safetensors.DecodeFloats(row, safetensors.F32, raw)
	return nil
}

// clipNote is what a reader of numbers should know about a clip.
type clipNote struct {
	Frames   int      `json:"frames"`             // slots of the model
	Valid    int      `json:"valid"`              // frames there were
	Degraded bool     `json:"degraded,omitempty"` // damaged: fewer frames decoded than promised
	Reason   string   `json:"reason,omitempty"`   // why the published reader would have seen other frames
	Warnings []string `json:"warnings,omitempty"`
}

// clipFailed is why a clip has no row.
type clipFailed struct {
	Class   string `json:"class"` // e.g. no_video_stream
	Message string `json:"message"`
	Hint    string `json:"hint,omitempty"`

	Said words.Sentence `json:"said,omitzero"` // Message and Hint, to be worded in other languages
	Fix  words.Sentence `json:"fix,omitzero"`
}

// failedBy is why a clip could not be read.
func failedBy(err *video.Error) *clipFailed {
	return &clipFailed{string(err.Class), err.Error(), fault.HintOf(err), fault.Said(err), fault.Fix(err)}
}

func (f *clipFailed) said() words.Sentence { return f.Said.Or(f.Message) }

// of is the failure of a clip.
func (f *clipFailed) of(item Item) Failure {
	return Failure{item.ID, item.Site, item.Label, f.Class, f.Message, f.Hint, f.Said, f.Fix}
}

const (
	shardFormat = "framepilot features 1"
	shardSize   = 64 // clips a shard at most
	shardExt    = ".safetensors"
)

// shardEntry is one line of a shard's index. Entries without a failure own
// the rows, in order.
type shardEntry struct {
	Address string `json:"address"`
	sealed
}

// openShards reads all shards in dir, which need not exist, and holds so many
// of the dim values of each row. A shard that is damaged is left out, and its
// error kept under its path.
func openShards(dir string, dim, held int) (s *shards, damaged map[string]error, err error) {
	s = &shards{dir: dir, dim: dim, held: held, found: map[string]sealed{}}
	damaged = map[string]error{}
	if dir == "" {
		return s, damaged, nil
	}
	list, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, nil, fault.Disk("open features", err)
	}
	for _, e := range list { // in order of their numbers
		path := filepath.Join(dir, e.Name())
		if strings.HasPrefix(e.Name(), ".") && strings.Contains(e.Name(), shardExt) {
			s.unfinished = append(s.unfinished, path)
		}
		number, ok := strings.CutSuffix(e.Name(), shardExt)
		n, err := strconv.Atoi(number)
		if !ok || err != nil || n < 0 {
			continue
		}
		s.next = max(s.next, n+1)
		if err := s.read(path); err != nil {
			damaged[path] = err
		}
	}
	return s, damaged, nil
}

// sweep removes damaged shards and the unfinished files of killed processes.
func (s *shards) sweep(damaged []string) error {
	for _, path := range slices.Concat(damaged, s.unfinished) {
		if err := os.Remove(path); err != nil {
			return fault.Disk("remove unfinished features", err)
		}
	}
	return nil
}

// read adds what a shard holds, or nothing where any of it is wrong.
func (s *shards) read(path string) error {
	f, err := safetensors.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	if f.Metadata["format"] != shardFormat {
		return fmt.Errorf("format is %q, want %q", f.Metadata["format"], shardFormat)
	}
	raw, err := f.Bytes("rows")
	if err != nil {
		return err
	}
	index := f.Metadata["entries"]
	if sum := checksum(index, raw); sum != f.Metadata["sha256"] {
		return fmt.Errorf("checksum is %s, want %s", sum, f.Metadata["sha256"])
	}
	var list []shardEntry
	if err := json.Unmarshal([]byte(index), &list); err != nil {
		return fmt.Errorf("index: %w", err)
	}
	rows := 0
	for _, e := range list {
		if e.Failure == nil {
			rows++
		}
	}
	info, _ := f.Info("rows")
	if info.DType != safetensors.F32 || !slices.Equal(info.Shape, []int{rows, s.dim}) {
		return fmt.Errorf("rows are %s %v, want F32 [%d %d]", info.DType, info.Shape, rows, s.dim)
	}
	section, err := f.Section("rows")
	if err != nil {
		return err
	}
	_, offset, _ := section.Outer()
	for _, e := range list {
		if e.Failure == nil {
			e.Row = make([]float32, s.held)
			safetensors.DecodeFloats(e.Row, safetensors.F32, raw[:4*s.held])
			if s.held < s.dim {
				e.file, e.offset = path, offset
			}
			raw, offset = raw[4*s.dim:], offset+4*int64(s.dim)
		}
		s.found[e.Address] = e.sealed
	}
	return nil
}

// add takes in what became of an address and seals a shard once it is full.
func (s *shards) add(address string, e sealed) error {
	s.found[address] = e
	s.waiting = append(s.waiting, address)
	if len(s.waiting) < shardSize {
		return nil
	}
	return s.seal()
}

// seal writes what is waiting as a shard.
func (s *shards) seal() error {
	if len(s.waiting) == 0 || s.dir == "" {
		return nil
	}
	if err := os.MkdirAll(s.dir, 0o755); err != nil {
		return fault.Disk("seal features", err)
	}
	var list []shardEntry
	var rows []float32
	for _, address := range s.waiting {
		e := s.found[address]
		list = append(list, shardEntry{address, e})
		rows = append(rows, e.Row...)
	}
	index, err := json.Marshal(list)
	if err != nil {
		return fmt.Errorf("seal features: %w", err)
	}
	raw := make([]byte, 0, 4*len(rows))
	for _, v := range rows {
		raw = binary.LittleEndian.AppendUint32(raw, math.Float32bits(v))
	}
	path := filepath.Join(s.dir, fmt.Sprintf("%05d%s", s.next, shardExt))
	err = safetensors.Write(path, map[string]string{
		"format": shardFormat, "entries": string(index), "sha256": checksum(string(index), raw),
	}, []safetensors.Entry{safetensors.Float32Entry("rows", []int{len(rows) / s.dim, s.dim}, rows)}, nil)
	if err != nil {
		return fmt.Errorf("seal features: %w", err)
	}
	s.next++
	s.waiting = nil
	if s.held < s.dim {
		return s.read(path) // and forget what need not be held
	}
	return nil
}

// checksum covers everything of a shard that has a meaning.
func checksum(index string, rows []byte) string {
	h := sha256.New()
	h.Write([]byte(index))
	h.Write(rows)
	return hex.EncodeToString(h.Sum(nil))
}
