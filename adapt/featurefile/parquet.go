package featurefile

import (
	"fmt"

	"github.com/google/renameio/v2"
	"github.com/parquet-go/parquet-go"

	"framepilot/probe"
)

// parquetRow is a clip in a Parquet file, for the tools that read those.
type parquetRow struct {
	Clip      string    `parquet:"clip"`
	Labels    []string  `parquet:"labels,list"` // none where not known
	Group     string    `parquet:"group"`
	Site      string    `parquet:"site"`
	Embedding []float32 `parquet:"embedding,list"`
}

// writeParquet writes one row a clip. Texts and scale have no place there.
func writeParquet(path string, f probe.Features) error {
	file, err := renameio.NewPendingFile(path, renameio.WithPermissions(0o644))
	if err != nil {
		return diskFault(err)
	}
	defer file.Cleanup()
	w := parquet.NewGenericWriter[parquetRow](file, parquet.Compression(&parquet.Zstd))
	name := func(list []string, i int) string {
		if i < len(list) {
			return list[i]
		}
		return ""
	}
	for i := range f.Len() {
		row := parquetRow{Clip: name(f.IDs, i), Group: name(f.Groups, i), Site: name(f.Sites, i), Embedding: f.X.Row(i)}
		switch {
		case f.Truth != nil:
			for _, c := range f.Truth[i] {
				row.Labels = append(row.Labels, f.Classes[c])
			}
		case f.Labels != nil && f.Labels[i] != probe.Unlabelled:
			row.Labels = []string{f.Classes[f.Labels[i]]}
		}
		if _, err := w.Write([]parquetRow{row}); err != nil {
			return fmt.Errorf("save features: %w", err)
		}
	}
	if err := w.Close(); err != nil {
		return diskFault(err)
	}
	if err := file.CloseAtomicallyReplace(); err != nil {
		return diskFault(err)
	}
	return nil
}
