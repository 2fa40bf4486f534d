import { Box } from "@mui/material";
import { useState } from "react";

interface PictureProps {
  src: string | null;
  title: string;
  ratio?: string;
  eager?: boolean;
}

/** The item's picture, or its first letter on a quiet ground when there is none or it does not load. */
export function Picture({ src, title, ratio = "4 / 3", eager = false }: PictureProps) {
  const [broken, setBroken] = useState(false);
  const frame = { aspectRatio: ratio, width: "100%", display: "block", bgcolor: "action.hover" };
  if (!src || broken) {
    return (
      <Box
        aria-hidden
        sx={{
          ...frame,
          display: "grid",
          placeItems: "center",
          color: "text.secondary",
          fontSize: "2.6rem",
          fontWeight: 700,
        }}
      >
        {title.slice(0, 1).toUpperCase()}
      </Box>
    );
  }
  return (
    <Box
      component="img"
      src={src}
      alt={title}
      loading={eager ? "eager" : "lazy"}
      decoding="async"
      onError={() => setBroken(true)}
      sx={{ ...frame, objectFit: "cover" }}
    />
  );
}
