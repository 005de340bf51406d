package cli

import (
	"context"
	"encoding/json"
	"io"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"
	"time"

	"framepilot/adapt"
	"framepilot/internal/demo"
	"framepilot/model"
	"framepilot/model/video"
	"framepilot/pilot"
)

// bitsPlan asks for a bit of everything: words, draws, a fit by folds, one
// that leans on the words, and retrieval.
const bitsPlan = `schema = 1
name = "bits"
seed = 5
[model]
id = "demo"
recipe = "features"
[data.day]
folders = "day"
group_by = '(rec\d+)'
[data.night]
folders = "night"
group_by = '(rec\d+)'
[split]
train = "day"
[[method]]
name = "zero-shot"
[[method]]
name = "logistic"
shots = [0, 2]
draws = 2
[[method]]
name = "gda"
[retrieval]
[report]
files = ["report.json", "report.csv"]
`

// The same plan on the same machine gives the same bits, whatever the number
// of workers that decode, multiply and fit: every byte of every embedding,
// every prediction, every number of the ledger and of the reports.
func TestSameBitsForAnyNumberOfWorkers(t *testing.T) {
	dir := t.TempDir()
	if err := demo.WriteDataset(context.Background(), dir, demo.Options{Seed: demoSeed, DayClips: 8, NightClips: 20}); err != nil {
		t.Fatal(err)
	}
	weights := filepath.Join(dir, "demo.safetensors")
	if err := demo.WriteModel(weights); err != nil {
		t.Fatal(err)
	}
	var first map[string]string
	for _, workers := range []int{1, 2, 4} {
		got := bitsOf(t, dir, weights, workers)
		if first == nil {
			first = got
			continue
		}
		if a, b := slices.Sorted(maps.Keys(first)), slices.Sorted(maps.Keys(got)); !slices.Equal(a, b) {
			t.Fatalf("%d workers made %q, one made %q", workers, b, a)
		}
		for name, want := range first {
			if got[name] != want {
				t.Errorf("%s: %d workers give other bits than one", name, workers)
			}
		}
	}
}

// bitsOf carries out the plan from nothing and returns everything it made, by
// name.
func bitsOf(t *testing.T, dir, weights string, workers int) map[string]string {
	t.Helper()
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(workers))
	state := filepath.Join(dir, ".framepilot")
	if err := os.RemoveAll(state); err != nil {
		t.Fatal(err)
	}
	plan, err := adapt.ParsePlan(filepath.Join(dir, "plan.toml"), bitsPlan)
	if err != nil {
		t.Fatal(err)
	}
	plan.Limits.Workers = workers
	began := time.Now()
	a := &app{errs: io.Discard, decoder: video.NewDecoder(video.DecoderOptions{})}
	sum, err := adapt.Run(context.Background(), plan, adapt.RunOptions{
		Open: func(ctx context.Context, m adapt.ModelPlan) (adapt.Embedder, error) {
			return a.openModel(ctx, modelChoice{name: weights, recipe: m.Recipe, run: model.Options{Workers: workers}})
		},
		Reader: a.decoder,
		Now:    func() time.Time { return began }, // however slow this machine is, clips are sealed shard by shard
	})
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	shards, err := filepath.Glob(filepath.Join(state, "features", "*", "*.safetensors"))
	if err != nil || len(shards) == 0 {
		t.Fatalf("%d shards, %v", len(shards), err)
	}
	for _, path := range append(shards, filepath.Join(dir, "report.csv")) {
		bytes, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		out[path] = string(bytes)
	}
	out["results of the report"] = encoded(t, sum.Document.Results)
	rec := recordOf(t, dir, sum.Run)
	for i := range rec.Stages {
		rec.Stages[i].At = time.Time{}
	}
	rec.Run.Started, rec.Run.Finished = time.Time{}, time.Time{}
	delete(rec.Run.Environment, pilot.ClipsPerHourKey) // how long it took is no result
	out["ledger"] = encoded(t, rec)
	return out
}

func recordOf(t *testing.T, dir, id string) pilot.Record {
	t.Helper()
	l, err := pilot.OpenReadOnly(context.Background(), adapt.LedgerFile(dir))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	rec, err := l.Load(context.Background(), id)
	if err != nil {
		t.Fatal(err)
	}
	return rec
}

func encoded(t *testing.T, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
