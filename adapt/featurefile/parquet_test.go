package featurefile

import (
	"path/filepath"
	"reflect"
	"testing"

	"github.com/parquet-go/parquet-go"

	"framepilot/probe"
)

func TestParquet(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f.parquet")
	f := probe.Features{
		X: probe.Matrix{Rows: 2, Cols: 2, Data: []float32{1, 0, 0.6, 0.8}}, Classes: []string{"a", "b"}, Labels: []int{1, probe.Unlabelled},
		IDs: []string{"x", "y"}, Groups: []string{"g", "h"}, Sites: []string{"day", "night"},
	}
	if err := Save(path, f, nil); err != nil {
		t.Fatal(err)
	}
	rows, err := parquet.ReadFile[parquetRow](path)
	if err != nil {
		t.Fatal(err)
	}
	want := []parquetRow{
		{"x", []string{"b"}, "g", "day", []float32{1, 0}},
		{"y", []string{}, "h", "night", []float32{0.6, 0.8}},
	}
	if len(rows) == 2 && rows[1].Labels == nil {
		rows[1].Labels = []string{}
	}
	if !reflect.DeepEqual(rows, want) {
		t.Errorf("read back %+v, want %+v", rows, want)
	}
	f.Labels, f.Truth = nil, [][]int{{0, 1}, {}}
	if err := Save(path, f, nil); err != nil {
		t.Fatal(err)
	}
	if rows, err = parquet.ReadFile[parquetRow](path); err != nil || !reflect.DeepEqual(rows[0].Labels, []string{"a", "b"}) {
		t.Errorf("several labels: %+v, %v", rows, err)
	}
}
