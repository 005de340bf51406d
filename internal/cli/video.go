package cli

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"framepilot/internal/fault"
	"framepilot/model/video"
)

func (a *app) videoCmd() *cobra.Command {
	c := &cobra.Command{Use: "video", Short: "Look at how videos are read"}
	c.AddCommand(a.videoInspectCmd())
	return c
}

func (a *app) videoInspectCmd() *cobra.Command {
	var o video.Options
	var recipe string
	c := &cobra.Command{
		Use:   "inspect FILE...",
		Short: "How files are sampled and decoded, and why they fail",
		Args:  cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			var err error
			if o.Recipe, err = video.ParseRecipe(recipe); err != nil {
				return err
			}
			if err := o.Check(); err != nil {
				return err
			}
			var bad fault.Kind
			lines := json.NewEncoder(a.out) // one object a file, one file a line
			for _, path := range args {
				i := a.decoder.Inspect(cmd.Context(), path, o)
				if err := cmd.Context().Err(); err != nil {
					return err
				}
				switch {
				case i.Error == nil:
				case i.Error.Class == video.NoDecoder:
					bad = fault.Missing
				case bad == 0:
					bad = fault.Input
				}
				if !a.json {
					inspectText(a.out, i)
				} else if err := lines.Encode(i); err != nil {
					return fmt.Errorf("print json: %w", err)
				}
			}
			if bad != 0 {
				return failed(bad)
			}
			return nil
		},
	}
	f := c.Flags()
	f.StringVar(&recipe, "recipe", string(video.Eval), "how frames are picked and resized: eval or features")
	f.IntVar(&o.Frames, "frames", 0, "frames a clip (default 12)")
	f.Float64Var(&o.Start, "start", 0, "begin of a time range, seconds")
	f.Float64Var(&o.End, "end", 0, "end of a time range, seconds (default: the end)")
	f.IntVar(&o.Stream, "stream", 0, "the k-th video stream, counted from 1 (default: the best)")
	return a.jsonFlag(c)
}

func inspectText(w io.Writer, i video.Inspection) {
	fmt.Fprintln(w, i.File)
	if i.Error != nil {
		fmt.Fprintf(w, "  %s: %s\n", i.Error.Class, i.Error.Message)
		if i.Error.Hint != "" {
			fmt.Fprintf(w, "  try: %s\n", i.Error.Hint)
		}
		return
	}
	fmt.Fprintf(w, "  %s, %d × %d, %d frames in %.2f s (%d packets)\n", i.Codec, i.Width, i.Height, i.Frames, i.Seconds, i.Packets)
	fmt.Fprintf(w, "  sampled: %v\n", i.Indices)
	if !i.OfficialEquivalent {
		fmt.Fprintf(w, "  %s\n", video.OtherFrames(i.Reason))
	}
	for _, text := range i.Warnings {
		fmt.Fprintf(w, "  warning: %s\n", text)
	}
}
