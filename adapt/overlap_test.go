package adapt

import (
	"context"
	"path/filepath"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"framepilot/internal/demo"
	"framepilot/model"
	"framepilot/model/video"
)

// While the model computes, decoding goes on as far as it may and no further:
// once nothing moves any more, a batch is with the model, Workers + Batch
// clips wait behind it, and the next is not begun.
func TestDecodingRunsAheadOfTheModel(t *testing.T) {
	const clips, workers, batch = 60, 3, 4
	b := newBench(t, clips)
	synctest.Test(t, func(t *testing.T) {
		reader := &fakeReader{}
		calls := 0
		model := &fakeModel{before: func(n int) error {
			calls = n
			synctest.Wait() // until every decoder has finished or waits
			if got, want := int(reader.reads.Load()), min(clips, n*batch+workers+batch); got != want {
				t.Errorf("with batch %d in the model, %d clips are read, want %d", n, got, want)
			}
			return nil
		}}
		x, err := NewExtractor(model, reader, ExtractOptions{Workers: workers, Batch: batch})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := x.Clips(context.Background(), b.items); err != nil {
			t.Fatal(err)
		}
		if calls != clips/batch {
			t.Errorf("%d batches, want %d", calls, clips/batch)
		}
	})
}

// weighedModel is a real model that weighs the heap whenever it has embedded.
type weighedModel struct {
	*model.Model
	most uint64 // bytes reachable, at most
}

func (m *weighedModel) Info() ModelInfo {
	return ModelInfo{Name: "demo", Key: m.Key(), Dim: m.Config.Embed, Frames: video.Options{Frames: m.Config.Frames, Size: m.Config.Image}}
}

func (m *weighedModel) EmbedClips(ctx context.Context, clips []*video.Clip) ([][]float32, error) {
	rows, err := m.Model.EmbedClips(ctx, clips)
	runtime.GC()
	var now runtime.MemStats
	runtime.ReadMemStats(&now)
	m.most = max(m.most, now.HeapAlloc)
	return rows, err
}

// Ten times the clips need no more memory than their rows and names do.
func TestMemoryDoesNotGrowWithTheClips(t *testing.T) {
	path := filepath.Join(t.TempDir(), "demo.safetensors")
	if err := demo.WriteModel(path); err != nil {
		t.Fatal(err)
	}
	weigh := func(clips int) int {
		b := newBench(t, clips)
		open, err := model.Open(context.Background(), path, model.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer open.Close()
		m := &weighedModel{Model: open}
		x, err := NewExtractor(m, &fakeReader{}, ExtractOptions{Workers: 2, Batch: 4})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := x.Clips(context.Background(), b.items); err != nil {
			t.Fatal(err)
		}
		return int(m.most)
	}
	const few, many, clip = 20, 200, demo.Frames * demo.Size * demo.Size * 3 // bytes of one, decoded
	grown := weigh(many) - weigh(few)
	t.Logf("a clip is %d bytes; %d more make the heap grow by %d each", clip, many-few, grown/(many-few))
	if grown > (many-few)*clip/4 {
		t.Errorf("%d more clips of %d bytes make the heap grow by %d: they are kept", many-few, clip, grown)
	}
}

// BenchmarkOverlap takes the time of a clip where decoding one waits 8 ms, on
// four workers, and the model 2 ms: 2 ms each way, and both ways together.
// Waiting stands for computing, so that other programs do not show.
func BenchmarkOverlap(b *testing.B) {
	const decoding, computing, workers = 8 * time.Millisecond, 2 * time.Millisecond, 4
	clips := newBench(b, 256).items
	for _, c := range []struct {
		name                string
		decoding, computing time.Duration
	}{{"decoding", decoding, 0}, {"computing", 0, computing}, {"both", decoding, computing}} {
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				x, err := NewExtractor(waitingModel{wait: c.computing}, waitingReader{wait: c.decoding}, ExtractOptions{Workers: workers})
				if err != nil {
					b.Fatal(err)
				}
				if _, err := x.Clips(context.Background(), clips); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(1e3*b.Elapsed().Seconds()/float64(b.N*len(clips)), "ms/clip")
		})
	}
}

type waitingModel struct {
	noModel
	wait time.Duration // a clip
}

func (m waitingModel) EmbedClips(ctx context.Context, clips []*video.Clip) ([][]float32, error) {
	time.Sleep(m.wait * time.Duration(len(clips)))
	return m.noModel.EmbedClips(ctx, clips)
}

type waitingReader struct {
	noReader
	wait time.Duration
}

func (r waitingReader) Read(ctx context.Context, path string, o video.Options) (*video.Clip, error) {
	time.Sleep(r.wait)
	return r.noReader.Read(ctx, path, o)
}
