-- The official administrative units and how they became others, version by version.
CREATE TABLE IF NOT EXISTS don_vi_hanh_chinh (
    hieu_luc   date NOT NULL,  -- the version: the day from which this list holds
    ma         text NOT NULL,  -- 2 digits province, 3 district (until 2025-06-30), 5 commune
    cap        text NOT NULL,  -- province, district, commune
    loai       text NOT NULL,  -- tinh, thanh_pho, quan, huyen, thi_xa, thanh_pho_thuoc_tinh, phuong, xa, thi_tran, dac_khu
    ten        text NOT NULL,
    ten_day_du text NOT NULL,
    ma_cha     text,
    PRIMARY KEY (hieu_luc, ma)
);

CREATE TABLE IF NOT EXISTS chuyen_doi (
    hieu_luc date NOT NULL,  -- the day of the change; old codes belong to the list before it
    ma_cu    text NOT NULL,
    ma_moi   text NOT NULL,
    muc_do   text NOT NULL,  -- unchanged, whole, part, part_area_only, whole_population
    ghi_chu  text,
    PRIMARY KEY (hieu_luc, ma_cu, ma_moi)
);
