package probe

import (
	"bytes"
	"context"
	"encoding/binary"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

func BenchmarkLogistic(b *testing.B) {
	f := synthetic(101, 16, 512, seeded(17))
	for _, c := range []struct {
		name string
		c    string
	}{{"C=1", "1"}, {"C=100", "100"}, {"choice and fit", "0"}} {
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				if _, _, err := runLogistic(f, map[string]string{"C": c.c}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	few := synthetic(10, 16, 1024, seeded(18))
	b.Run("160 clips of 1024", func(b *testing.B) {
		for b.Loop() {
			if _, _, err := runLogistic(few, map[string]string{"C": "1"}); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// Choosing C for 1,616 clips of 101 classes, against 23 cold fits of CoOp's
// protocol by scikit-learn on the same clips, where that is installed.
func BenchmarkChoiceOfC(b *testing.B) {
	f := synthetic(101, 20, 512, seeded(17))
	var train, val []int
	for i := range f.Len() {
		if i%20 < 16 {
			train = append(train, i)
		} else {
			val = append(val, i)
		}
	}
	b.Run("grouped folds", func(b *testing.B) {
		for b.Loop() {
			l := ladder{tuning: logisticTuning(), train: f.Take(train)}
			if _, err := l.choose(context.Background()); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("scikit-learn", func(b *testing.B) {
		if err := exec.Command("python3", "-c", "import sklearn").Run(); err != nil {
			b.Skip("python3 has no scikit-learn")
		}
		dir := b.TempDir()
		for name, part := range map[string]Features{"": f.Take(train), "v": f.Take(val)} {
			labels := make([]int32, part.Len())
			for i, y := range part.Labels {
				labels[i] = int32(y)
			}
			for file, values := range map[string]any{"x.f32": part.X.Data, "y.i32": labels} {
				var raw bytes.Buffer
				if err := binary.Write(&raw, binary.LittleEndian, values); err != nil {
					b.Fatal(err)
				}
				if err := os.WriteFile(filepath.Join(dir, name+file), raw.Bytes(), 0o600); err != nil {
					b.Fatal(err)
				}
			}
		}
		for b.Loop() {
			out, err := exec.Command("python3", "testdata/coop_sweep.py", dir).Output()
			if err != nil {
				b.Fatal(err)
			}
			seconds, err := strconv.ParseFloat(strings.Fields(string(out))[0], 64)
			if err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(seconds, "s/sweep")
		}
	})
}
