-- Civil status of one province, as its department of justice would keep it: births and deaths.
CREATE TABLE IF NOT EXISTS khai_sinh (
    id            bigint PRIMARY KEY,
    so            text NOT NULL,
    quyen_so      text,
    ngay_dang_ky  date NOT NULL,
    loai_dk       smallint NOT NULL,  -- 1 new, 2 registered again, 3 late
    ma_xa_dk      char(5) NOT NULL,
    ho_chu_dem    text,
    ten           text,
    gioi_tinh     text,
    ngay_sinh     date,
    ngay_sinh_chu text,
    noi_sinh      text,
    ma_dan_toc    char(2),
    quoc_tich     char(2),
    so_dinh_danh  char(12),
    me_ho_ten     text,
    me_nam_sinh   int,
    me_giay_to    text,
    cha_ho_ten    text,
    cha_giay_to   text,
    ma_xa_cu_tru  char(5),
    noi_cu_tru    text,
    trang_thai    smallint NOT NULL,  -- 1 in force, 2 corrected, 3 replaced by a new registration, 4 the person has died
    updated_at    timestamptz NOT NULL
);

CREATE TABLE IF NOT EXISTS khai_tu (
    id            bigint PRIMARY KEY,
    so            text NOT NULL,
    quyen_so      text,
    ngay_dang_ky  date NOT NULL,
    loai_dk       smallint NOT NULL,
    ma_xa_dk      char(5) NOT NULL,
    ho_ten        text,
    gioi_tinh     text,
    ngay_sinh     date,
    ngay_sinh_chu text,
    ma_dan_toc    char(2),
    quoc_tich     char(2),
    so_dinh_danh  char(12),
    giay_to       text,
    ma_xa_cu_tru  char(5),
    noi_cu_tru    text,
    ngay_chet     date,
    noi_chet      text,
    nguyen_nhan   text,
    trang_thai    smallint NOT NULL,
    updated_at    timestamptz NOT NULL
);
