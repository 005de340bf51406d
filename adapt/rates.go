package adapt

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/google/renameio/v2"

	"framepilot/adapt/live"
	"framepilot/internal/fault"
	"framepilot/model/video"
)

// rates is how fast this machine was, by what it did: clips of about one size
// embedded in one way (which names model, kernel and precision), results of one
// row on data of about one size; and how much memory that took. Runs record it, dry runs read
// it. It steers nothing: a file that can't be read or written only means that
// less is known.
type rates struct {
	file  string // "" = nothing is kept
	known measured
	dirty bool
}

// measured is the file.
type measured struct {
	Paces map[string][]live.Pace `json:"paces"` // the latest last
	Peaks map[string]int64       `json:"peaks"` // bytes of memory
}

// latest is how many measurements of a thing are remembered: what a forecast is
// spread over.
const latest = 5

func openRates(file string) *rates {
	r := &rates{file: file}
	if text, err := os.ReadFile(file); err != nil || json.Unmarshal(text, &r.known) != nil {
		r.known = measured{}
	}
	if r.known.Paces == nil {
		r.known.Paces = map[string][]live.Pace{}
	}
	if r.known.Peaks == nil {
		r.known.Peaks = map[string]int64{}
	}
	return r
}

// note remembers a measurement. One of little is not let in the way of one of
// much: the first clip of a run pays for everything around it.
func (r *rates) note(what string, n int, took time.Duration) {
	had := r.known.Paces[what]
	if n < 1 || took <= 0 || len(had) > 0 && n < min(had[len(had)-1].N, 20) {
		return
	}
	had = append(had, live.Pace{N: n, Seconds: took.Seconds()})
	r.known.Paces[what], r.dirty = had[max(0, len(had)-latest):], true
}

// noteMemory remembers what something took at most.
func (r *rates) noteMemory(what string, bytes int64) {
	if bytes > 0 {
		r.known.Peaks[what], r.dirty = bytes, true
	}
}

// seconds is how long n things take: the middle of the measurements, the
// fastest and the slowest of them. ok is false where none was ever made.
func (r *rates) seconds(what string, n int) (took stretch, ok bool) {
	if n == 0 {
		return stretch{}, true
	}
	var each []float64
	for _, p := range r.known.Paces[what] {
		if p.N > 0 && p.Seconds > 0 && !math.IsInf(p.Seconds, 0) {
			each = append(each, p.Each())
		}
	}
	if len(each) == 0 {
		return took, false
	}
	slices.Sort(each)
	return stretch{each[len(each)/2], each[0], each[len(each)-1]}.times(n), true
}

// stretch is a length of time in seconds, and the ends it is expected between.
type stretch struct{ middle, low, high float64 }

// times is how long n things take of which each takes s.
func (s stretch) times(n int) stretch {
	x := float64(n)
	return stretch{x * s.middle, x * s.low, x * s.high}
}

func (r *rates) save() error {
	if r.file == "" || !r.dirty {
		return nil
	}
	text, err := json.MarshalIndent(r.known, "", " ")
	if err != nil {
		return fmt.Errorf("remember rates: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(r.file), 0o755); err != nil {
		return fault.Disk("remember rates", err)
	}
	if err := renameio.WriteFile(r.file, append(text, '\n'), 0o644); err != nil {
		return fault.Disk("remember rates", err)
	}
	return nil
}

// embedRate is of clips of about one size: four times the bytes take longer to
// read.
func (r *run) embedRate() string {
	var sum, n int64
	for _, item := range r.data.Items {
		if st, err := os.Stat(item.Path); err == nil && st.Mode().IsRegular() {
			sum, n = sum+st.Size(), n+1
		}
	}
	return fmt.Sprintf("embed %s, clips of 4^%d bytes", r.x.Key(), powerOf4(float64(sum)/float64(max(1, n))))
}

// rowRate is of data of about one size, whatever the pilot's name: how long a
// fit takes is a matter of its clips and classes.
func (r *run) rowRate(stage, row string) string {
	if stage == live.StageRetrieval {
		row = "all"
	}
	return fmt.Sprintf("%s %s, %d classes, 4^%d clips of %d numbers", stage, row, len(r.data.Classes), powerOf4(float64(len(r.data.Items))), r.x.info.Dim)
}

// powerOf4 is which power of four x is nearest to; 0 below one.
func powerOf4(x float64) int { return int(math.Round(math.Log2(max(1, x)) / 2)) }

// try measures this machine where no run has: it decodes up to two clips and
// embeds one, and keeps neither. The seconds are for a clip among many, when
// workers decode ahead of the model, between what the easier and the harder clip
// takes.
func (x *Extractor) try(ctx context.Context, items []Item) (each stretch, ok bool) {
	var decoding []float64
	model := 0.0
	for _, item := range items[:min(2, len(items))] {
		began := x.o.Now()
		got := x.read(ctx, clipJob{item: item})
		took := x.o.Now().Sub(began)
		if got.clip == nil {
			continue
		}
		decoding = append(decoding, took.Seconds()/float64(x.o.Workers))
		if len(decoding) > 1 {
			continue
		}
		began = x.o.Now()
		if _, err := x.model.EmbedClips(ctx, []*video.Clip{got.clip}); err != nil {
			return each, false
		}
		model = x.o.Now().Sub(began).Seconds()
	}
	if len(decoding) == 0 {
		return each, false
	}
	mean := 0.0
	for _, d := range decoding {
		mean += d / float64(len(decoding))
	}
	return stretch{max(model, mean), max(model, slices.Min(decoding)), max(model, slices.Max(decoding))}, true
}
