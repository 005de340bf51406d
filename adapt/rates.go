package adapt

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"time"

	"github.com/google/renameio/v2"

	"framepilot/model/video"
)

// rates is how fast this machine was, by what it did: clips embedded in one
// way (which names model, kernel and precision), results of one row of one
// pilot. Runs record it, dry runs read it. It steers nothing: a file that
// can't be read or written only means that less is known.
type rates struct {
	file  string // "" = nothing is kept
	known map[string]pace
	dirty bool
}

// pace is one measurement: so many things in so many seconds.
type pace struct {
	N       int     `json:"n"`
	Seconds float64 `json:"seconds"`
}

func (r pace) each() float64 { return r.Seconds / float64(r.N) }

func openRates(file string) *rates {
	r := &rates{file: file, known: map[string]pace{}}
	if text, err := os.ReadFile(file); err == nil {
		if json.Unmarshal(text, &r.known) != nil || r.known == nil {
			r.known = map[string]pace{}
		}
	}
	return r
}

// note remembers the newest measurement. One of little is not let in the way
// of one of much: the first clip of a run pays for everything around it.
func (r *rates) note(what string, n int, took time.Duration) {
	if n < 1 || took <= 0 || n < min(r.known[what].N, 20) {
		return
	}
	r.known[what], r.dirty = pace{n, took.Seconds()}, true
}

// seconds is how long n things take; ok is false where none was ever measured.
func (r *rates) seconds(what string, n int) (s float64, ok bool) {
	got, ok := r.known[what]
	if n == 0 {
		return 0, true
	}
	if !ok || got.N < 1 || !(got.Seconds > 0) || math.IsInf(got.Seconds, 0) {
		return 0, false
	}
	return float64(n) * got.each(), true
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
		return diskFault("remember rates", err)
	}
	if err := renameio.WriteFile(r.file, append(text, '\n'), 0o644); err != nil {
		return diskFault("remember rates", err)
	}
	return nil
}

func embedRate(featuresKey string) string { return "embed " + featuresKey }

// rowRate is of one pilot: how long a fit takes is a matter of its clips.
func rowRate(p Plan, stage, row string) string {
	if stage == StageRetrieval {
		row = "all"
	}
	return fmt.Sprintf("%s %q %s", stage, p.Name, row)
}

// try measures this machine where no run has: it decodes up to two clips and
// embeds one, and keeps neither. The seconds are for a clip among many, when
// workers decode ahead of the model.
func (x *Extractor) try(ctx context.Context, items []Item) (seconds float64, ok bool) {
	decoding, decoded := time.Duration(0), 0
	for i, item := range items {
		if i == 2 {
			break
		}
		began := x.o.Now()
		got := x.read(ctx, clipJob{item: item})
		took := x.o.Now().Sub(began)
		if got.clip == nil {
			continue
		}
		decoding += took
		if decoded++; decoded > 1 {
			continue
		}
		began = x.o.Now()
		if _, err := x.model.EmbedClips(ctx, []*video.Clip{got.clip}); err != nil {
			return 0, false
		}
		seconds = x.o.Now().Sub(began).Seconds()
	}
	if decoded == 0 {
		return 0, false
	}
	return max(seconds, decoding.Seconds()/float64(decoded*x.o.Workers)), true
}
