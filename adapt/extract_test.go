package adapt

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"framepilot/adapt/live"
	"framepilot/internal/fault"
	"framepilot/model/video"
)

// bench is a folder of clips, a cache, and fakes that count.
type bench struct {
	dir    string
	model  *fakeModel
	reader *fakeReader
	events []live.Event
	items  []Item
}

func newBench(t testing.TB, clips int) *bench {
	b := &bench{dir: t.TempDir(), model: &fakeModel{}, reader: &fakeReader{}}
	for i := range clips {
		b.write(t, i, fmt.Sprintf("clip %d of %d", i, clips))
		path := b.path(i)
		b.items = append(b.items, Item{ID: itemID(b.dir, path, 0, 0), Path: path, Label: "x", Site: "here"})
	}
	return b
}

func (b *bench) path(i int) string { return filepath.Join(b.dir, "clips", fmt.Sprintf("%03d.gif", i)) }

// write makes clip i and dates it back: its hash may be remembered at once.
func (b *bench) write(t testing.TB, i int, text string) {
	write(t, b.path(i), text)
	past := time.Now().Add(-time.Hour - time.Duration(len(text))*time.Second)
	if err := os.Chtimes(b.path(i), past, past); err != nil {
		t.Fatal(err)
	}
}

func (b *bench) open(t testing.TB, o ExtractOptions) *Extractor {
	t.Helper()
	o.Cache, o.Root = filepath.Join(b.dir, "cache"), b.dir
	b.events = nil
	o.Emit = func(e live.Event) { b.events = append(b.events, e) }
	b.model = &fakeModel{key: b.model.key, before: b.model.before}
	b.reader = &fakeReader{version: b.reader.version}
	x, err := NewExtractor(b.model, b.reader, o)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// extract opens the cache anew and extracts all clips.
func (b *bench) extract(t testing.TB) Extraction {
	t.Helper()
	e, err := b.open(t, ExtractOptions{}).Clips(context.Background(), b.items)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func (b *bench) shards(t testing.TB) []string {
	t.Helper()
	list, err := filepath.Glob(filepath.Join(b.dir, "cache", "*", "*.safetensors"))
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestSecondRunReadsNothing(t *testing.T) {
	b := newBench(t, 150)
	first := b.extract(t)
	if first.Computed != 150 || len(first.Rows) != 150 || b.model.clips.Load() != 150 || len(b.shards(t)) != 3 {
		t.Fatalf("first run: %d computed, %d rows, %d embedded, %d shards", first.Computed, len(first.Rows), b.model.clips.Load(), len(b.shards(t)))
	}
	second := b.extract(t)
	if b.reader.reads.Load() != 0 || b.model.clips.Load() != 0 || second.Cached != 150 || second.Computed != 0 {
		t.Errorf("second run: %d read, %d embedded, %d cached", b.reader.reads.Load(), b.model.clips.Load(), second.Cached)
	}
	if !slices.Equal(first.X.Data, second.X.Data) {
		t.Error("the second run gives other rows")
	}
}

func TestEditsRecomputeOnlyTheEdited(t *testing.T) {
	b := newBench(t, 70)
	first := b.extract(t)
	b.write(t, 5, "another clip")                             // edited
	if err := os.Rename(b.path(6), b.path(900)); err != nil { // renamed
		t.Fatal(err)
	}
	b.items[6].Path, b.items[6].ID = b.path(900), "clips/900.gif"
	second := b.extract(t)
	if n := b.reader.reads.Load(); n != 1 {
		t.Errorf("%d clips read, want the edited one", n)
	}
	for i := range b.items {
		if same := slices.Equal(first.X.Row(i), second.X.Row(i)); same != (i != 5) {
			t.Errorf("row %d: same is %v", i, same)
		}
	}
}

// Whatever shapes a value makes a new one; what does not, does not.
func TestKeyNamesWhatShapesAValue(t *testing.T) {
	b := newBench(t, 3)
	b.extract(t)
	b.model.key = "bf16"
	if b.extract(t); b.reader.reads.Load() != 3 {
		t.Error("another model takes the old model's rows")
	}
	b.reader.version = "2"
	if b.extract(t); b.reader.reads.Load() != 3 {
		t.Error("another decoder takes the old decoder's rows")
	}
	b.model.key, b.reader.version = "", ""
	if b.extract(t); b.reader.reads.Load() != 0 {
		t.Error("going back computes again")
	}
	info := b.model.Info()
	for name, change := range map[string]func(*ModelInfo){
		"weights": func(m *ModelInfo) { m.SHA256 = "other" },
		"recipe":  func(m *ModelInfo) { m.Frames.Recipe = video.Eval },
		"frames":  func(m *ModelInfo) { m.Frames.Frames++ },
		"size":    func(m *ModelInfo) { m.Frames.Size++ },
		"width":   func(m *ModelInfo) { m.Dim++ },
	} {
		other := info
		change(&other)
		if featuresKey(other) == featuresKey(info) {
			t.Errorf("the key does not name the %s", name)
		}
	}
	info.Frames.Timeout = time.Hour
	if featuresKey(info) != featuresKey(b.model.Info()) {
		t.Error("patience shapes no value")
	}
}

func TestRowsDoNotDependOnWorkersOrBatch(t *testing.T) {
	b := newBench(t, 40)
	want := b.extract(t)
	for _, o := range []ExtractOptions{{Workers: 1, Batch: 1}, {Workers: 7, Batch: 3}, {Workers: 64, Batch: 100}} {
		x, err := NewExtractor(&fakeModel{}, &fakeReader{}, o) // no cache
		if err != nil {
			t.Fatal(err)
		}
		got, err := x.Clips(context.Background(), b.items)
		if err != nil || !slices.Equal(got.X.Data, want.X.Data) {
			t.Errorf("%+v: other rows, %v", o, err)
		}
	}
	for i := range want.X.Rows {
		sum := 0.0
		for _, v := range want.X.Row(i) {
			sum += float64(v) * float64(v)
		}
		if sum < 0.999999 || sum > 1.000001 {
			t.Errorf("row %d has squared length %v", i, sum)
		}
	}
}

// A run stopped anywhere keeps what it embedded, and the next one ends in the
// same rows.
func TestCancelAtEveryBatch(t *testing.T) {
	whole := newBench(t, 100)
	want := whole.extract(t)
	for stop := 1; stop <= 13; stop++ {
		b := newBench(t, 100)
		ctx, cancel := context.WithCancel(context.Background())
		b.model.before = func(n int) error {
			if n == stop {
				cancel()
			}
			return nil
		}
		x := b.open(t, ExtractOptions{})
		if _, err := x.Clips(ctx, b.items); !errors.Is(err, context.Canceled) {
			t.Fatalf("stop at batch %d: %v", stop, err)
		}
		b.model.before = nil
		got := b.extract(t)
		if kept := 100 - int(b.reader.reads.Load()); kept < (stop-1)*defaultBatch {
			t.Errorf("stop at batch %d: %d clips kept", stop, kept)
		}
		if !slices.Equal(got.X.Data, want.X.Data) {
			t.Errorf("stop at batch %d: other rows", stop)
		}
	}
}

// Where clips take long they don't wait for a shard to be full: whoever is
// killed loses half a minute of them.
func TestSlowClipsAreSealedByTheClock(t *testing.T) {
	b := newBench(t, 10)
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	b.model.before = func(n int) error {
		if got, want := len(b.shards(t)), (n-1)/3; got != want {
			t.Errorf("after %d clips of 12 s each %d shards are sealed, want %d", n-1, got, want)
		}
		now = now.Add(12 * time.Second)
		return nil
	}
	o := ExtractOptions{Batch: 1, Workers: 1, Now: func() time.Time { return now }}
	if _, err := b.open(t, o).Clips(context.Background(), b.items); err != nil {
		t.Fatal(err)
	}
	b.model.before = nil
	if b.extract(t); b.reader.reads.Load() != 0 {
		t.Errorf("%d clips are read again", b.reader.reads.Load())
	}
}

func TestModelErrorsSealAndEnd(t *testing.T) {
	b := newBench(t, 20)
	b.model.before = func(n int) error {
		if n == 2 {
			return errors.New("out of memory")
		}
		return nil
	}
	if _, err := b.open(t, ExtractOptions{}).Clips(context.Background(), b.items); err == nil || !strings.Contains(err.Error(), "out of memory") {
		t.Fatalf("got %v", err)
	}
	b.model.before = nil
	if b.extract(t); b.reader.reads.Load() != 12 {
		t.Errorf("%d clips read, want the 12 not sealed", b.reader.reads.Load())
	}
}

// Whatever is wrong with a shard, its clips are made again and nothing else.
func TestDamagedShardsRecover(t *testing.T) {
	damage := map[string]func([]byte) []byte{
		"a flipped bit in the rows":  func(f []byte) []byte { f[len(f)-3] ^= 1; return f },
		"a flipped bit in the index": func(f []byte) []byte { return bytes.Replace(f, []byte("sha256:"), []byte("sha257:"), 1) },
		"cut short":                  func(f []byte) []byte { return f[:len(f)-100] },
		"empty":                      func([]byte) []byte { return nil },
		"another format":             func(f []byte) []byte { return bytes.Replace(f, []byte("features 1"), []byte("features 0"), 1) },
	}
	for name, change := range damage {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, 150)
			want := b.extract(t)
			path := b.shards(t)[1]
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, change(text), 0o644); err != nil {
				t.Fatal(err)
			}
			got := b.extract(t)
			if !slices.Equal(got.X.Data, want.X.Data) || b.reader.reads.Load() != shardSize {
				t.Errorf("%d clips read", b.reader.reads.Load())
			}
			if !slices.ContainsFunc(b.events, func(e live.Event) bool {
				return e.Kind == live.EventWarning && strings.Contains(e.Text, "damaged and are made again")
			}) {
				t.Errorf("nothing said: %+v", b.events)
			}
			if b.extract(t); b.reader.reads.Load() != 0 || slices.ContainsFunc(b.events, func(e live.Event) bool { return e.Kind == live.EventWarning }) {
				t.Errorf("not mended: %d read, %+v", b.reader.reads.Load(), b.events)
			}
		})
	}
}

func TestUnfinishedFilesAreSweptUp(t *testing.T) {
	b := newBench(t, 2)
	b.extract(t)
	dir := filepath.Dir(b.shards(t)[0])
	write(t, filepath.Join(dir, ".00001.safetensors123"), "half")
	write(t, filepath.Join(dir, "notes.txt"), "a person's")
	b.extract(t)
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 2 || left[1].Name() != "notes.txt" {
		t.Errorf("left: %v, %v", left, err)
	}
}

func TestFailuresAreQuarantined(t *testing.T) {
	b := newBench(t, 10)
	b.write(t, 2, "bad clip")
	b.write(t, 4, "slow clip")
	os.Remove(b.path(7))
	got := b.extract(t)
	if !slices.Equal(got.Rows, []int{0, 1, 3, 5, 6, 8, 9}) || got.X.Rows != 7 {
		t.Errorf("rows %v", got.Rows)
	}
	var said []string
	for _, f := range got.Failures {
		said = append(said, f.ID+": "+f.Message)
		if f.Hint == "" || f.Label != "x" || f.Site != "here" {
			t.Errorf("failure %+v", f)
		}
	}
	want := []string{
		"clips/002.gif: video: holds the word bad (not_media)",
		"clips/004.gif: video: took too long (decode_timeout)",
		"clips/007.gif: video: stat " + b.path(7) + ": no such file or directory (not_found)",
	}
	if !slices.Equal(said, want) {
		t.Errorf("failures %q", said)
	}
	// What lies in the clip is remembered; what may lie in the moment is tried again.
	again := b.extract(t)
	if len(again.Failures) != 3 || b.reader.reads.Load() != 1 {
		t.Errorf("again: %d failures, %d read", len(again.Failures), b.reader.reads.Load())
	}
	if err := tooManyFailed(got.Failures, 10, 0.3); err != nil {
		t.Errorf("3 of 10 at 30 %%: %v", err)
	}
	err := tooManyFailed(got.Failures, 10, 0.29)
	if fault.KindOf(err) != fault.Partial || !strings.HasPrefix(err.Error(),
		"3 of 10 clips failed (1 decode_timeout, 1 not_found, 1 not_media), more than the tolerated 29 %") {
		t.Errorf("got %v", err)
	}
}

func TestMissingDecoderEndsTheRun(t *testing.T) {
	b := newBench(t, 3)
	b.write(t, 1, "no decoder for this")
	_, err := b.open(t, ExtractOptions{}).Clips(context.Background(), b.items)
	if fault.KindOf(err) != fault.Missing || !strings.Contains(err.Error(), "ffmpeg not found") {
		t.Errorf("got %v", err)
	}
}

func TestCopiesAreEmbeddedOnceAndNamed(t *testing.T) {
	b := newBench(t, 4)
	b.write(t, 2, "clip 0 of 4") // the content of clip 0
	for i, split := range []string{Train, Train, Test, Test} {
		b.items[i].Split, b.items[i].Label = split, "lift"
	}
	got := b.extract(t)
	if b.reader.reads.Load() != 3 || !slices.Equal(got.X.Row(0), got.X.Row(2)) {
		t.Errorf("%d read", b.reader.reads.Load())
	}
	found := copies(b.items, got.addresses)
	if len(found) != 1 || found[0].Severity != SeverityError || found[0].String() != "1 clip of one split copied into another: clips/000.gif (train) = clips/002.gif (test)" {
		t.Errorf("found %+v", found)
	}
}

// Two files that can't be read are no copies of one clip, however alike.
func TestUnreadableFilesAreNoCopies(t *testing.T) {
	b := newBench(t, 4)
	for i, split := range []string{Train, Train, Test, Test} {
		b.items[i].Split, b.items[i].Label = split, "lift"
	}
	b.write(t, 0, "bad")
	b.write(t, 2, "bad")
	got := b.extract(t)
	if found := copies(b.items, got.addresses); len(found) != 0 || len(got.Failures) != 2 || len(got.addresses) != 4 {
		t.Errorf("found %+v, %d failed, addresses %q", found, len(got.Failures), got.addresses)
	}
	dir := t.TempDir()
	for _, class := range []string{"lift", "put"} {
		write(t, filepath.Join(dir, class, "bad.gif"), "bad")
		for i := range 3 {
			write(t, filepath.Join(dir, class, fmt.Sprint(i, ".gif")), fmt.Sprint(class, i))
		}
	}
	check, err := CheckData(t.Context(), Plan{Data: []Source{{Name: "here", Folders: dir}}, Split: SplitPlan{TestShare: 0.5}}, CheckOptions{Reader: b.reader})
	if err != nil || len(check.Failures) != 2 {
		t.Fatalf("%v, %+v", err, check.Failures)
	}
	for _, f := range check.Findings {
		if f.Check == "identical-files" || f.Check == "labels-contradict" {
			t.Errorf("the check finds %s", f)
		}
	}
}

func TestRangesAreClipsOfTheirOwn(t *testing.T) {
	b := newBench(t, 1)
	b.items = append(b.items, b.items[0], b.items[0])
	b.items[1].Start, b.items[1].End = 1, 2
	b.items[2].Start = 3
	got := b.extract(t)
	if b.reader.reads.Load() != 3 || slices.Equal(got.X.Row(0), got.X.Row(1)) || slices.Equal(got.X.Row(1), got.X.Row(2)) {
		t.Errorf("%d read, rows %v", b.reader.reads.Load(), got.X.Data)
	}
}

// A file changed within the tick of a coarse clock is hashed again.
func TestFreshFilesAreNotTrusted(t *testing.T) {
	b := newBench(t, 2)
	now := time.Now()
	write(t, b.path(0), "first ...")
	os.Chtimes(b.path(0), now, now)
	first := b.extract(t)
	write(t, b.path(0), "second ..")
	os.Chtimes(b.path(0), now, now)
	second := b.extract(t)
	if slices.Equal(first.X.Row(0), second.X.Row(0)) {
		t.Error("an edit within the tick was missed")
	}
}

// waiting counts the items that would have to be embedded.
func waiting(x *Extractor, items []Item) (int, error) {
	jobs, err := x.locate(context.Background(), items)
	return len(x.missing(jobs)), err
}

func TestDryRunTouchesNothing(t *testing.T) {
	b := newBench(t, 70)
	x := b.open(t, ExtractOptions{DryRun: true})
	if n, err := waiting(x, b.items); n != 70 || err != nil {
		t.Errorf("fresh: %d waiting, %v", n, err)
	}
	if _, err := os.Stat(filepath.Join(b.dir, "cache")); err == nil {
		t.Error("the cache was made")
	}
	b.extract(t)
	b.write(t, 3, "edited")
	if n, err := waiting(b.open(t, ExtractOptions{DryRun: true}), b.items); n != 1 || err != nil {
		t.Errorf("after an edit: %d waiting, %v", n, err)
	}
}

func TestTextsAreCached(t *testing.T) {
	b := newBench(t, 0)
	texts := []string{"red to blue", "blue to red", "red to blue"}
	first, err := b.open(t, ExtractOptions{}).Texts(context.Background(), texts)
	if err != nil || b.model.texts.Load() != 2 {
		t.Fatalf("%d texts embedded, %v", b.model.texts.Load(), err)
	}
	second, err := b.open(t, ExtractOptions{}).Texts(context.Background(), texts)
	if err != nil || b.model.texts.Load() != 0 || !slices.Equal(first.Data, second.Data) {
		t.Errorf("%d texts embedded again, %v", b.model.texts.Load(), err)
	}
}

func TestBadEmbeddingIsAFailure(t *testing.T) {
	row := []float32{0, 0, 0}
	if unit(row) == nil {
		t.Error("a zero row has unit length")
	}
	row[1] /= row[0] // NaN
	if unit(row) == nil {
		t.Error("NaN has unit length")
	}
	row = []float32{3e38, 3e38, 0}
	if err := unit(row); err != nil || row[0] < 0.7 || row[0] > 0.71 {
		t.Errorf("large values: %v, %v", row, err)
	}
}

func TestInOrder(t *testing.T) {
	jobs := make([]int, 50)
	for i := range jobs {
		jobs[i] = i
	}
	i := 0
	for job, square := range inOrder(context.Background(), jobs, 4, 2, func(_ context.Context, n int) int {
		time.Sleep(time.Duration(n%3) * time.Millisecond)
		return n * n
	}) {
		if job != i || square != i*i {
			t.Fatalf("job %d gives %d at place %d", job, square, i)
		}
		if i++; i == 30 {
			break // must not hang or leak
		}
	}
}

// BenchmarkExtract is what extraction costs beside decoding and the model.
func BenchmarkExtract(b *testing.B) {
	bench := newBench(b, 256)
	b.Run("cold", func(b *testing.B) {
		for b.Loop() {
			x, err := NewExtractor(noModel{}, noReader{}, ExtractOptions{Cache: b.TempDir(), Root: bench.dir})
			if err != nil {
				b.Fatal(err)
			}
			if _, err := x.Clips(context.Background(), bench.items); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/256, "µs/clip")
	})
	b.Run("cached", func(b *testing.B) {
		cache := b.TempDir()
		for range 2 {
			x, err := NewExtractor(noModel{}, noReader{}, ExtractOptions{Cache: cache, Root: bench.dir})
			if err != nil {
				b.Fatal(err)
			}
			if _, err := x.Clips(context.Background(), bench.items); err != nil {
				b.Fatal(err)
			}
		}
		for b.Loop() {
			x, err := NewExtractor(noModel{}, noReader{}, ExtractOptions{Cache: cache, Root: bench.dir})
			if err != nil {
				b.Fatal(err)
			}
			if _, err := x.Clips(context.Background(), bench.items); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/256, "µs/clip")
	})
}
