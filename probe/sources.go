package probe

import "framepilot/internal/stat"

// Sources says where the variance of top-1 comes from: another draw of
// training clips, other test clips, or both at once. With J draws and N clips
// that of their mean is Support/J + Clips/N + Rest/(JN).
type Sources struct {
	Support float64 `json:"support"`
	Clips   float64 `json:"clips"`
	Rest    float64 `json:"rest"`
}

// SourcesOf splits the variance of hits (J draws × N clips of 0 or 1), two of
// each at least.
func SourcesOf(hits [][]float64) Sources {
	support, clips, rest := stat.Sources(hits)
	return Sources{support, clips, rest}
}
